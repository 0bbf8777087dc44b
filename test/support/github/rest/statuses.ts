import { exampleOf } from '../description.ts'
import type { Endpoint } from '../types.ts'
import { refused } from '../types.ts'

const MOST_CHARACTERS = 140

export const createStatus: Endpoint = {
  operation: 'POST /repos/{owner}/{repo}/statuses/{sha}',
  async answer({ parameters, body, repository }) {
    const { sha = '' } = parameters
    const object = await repository.objects.read(sha)
    if (object?.type !== 'commit') return refused(`No commit found for SHA: ${sha}`)
    const given = body as { state: string; context: string; description: string; target_url?: string }
    if (given.description.length > MOST_CHARACTERS) return refused('description is too long')
    const { state, context, description, target_url = null } = given
    repository.shown.statuses.push({ sha, state, context, description, target_url })
    const example = exampleOf(createStatus.operation)
    return { status: 201, body: { ...example, state, context, description, target_url } }
  },
}
