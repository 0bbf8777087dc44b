import { exampleOf } from '../description.ts'
import type { ShownPullRequest } from '../shown.ts'
import type { Call, Endpoint } from '../types.ts'
import { notFound } from '../types.ts'
import { paged } from './paging.ts'

export const pulls: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/pulls',
  async answer(call) {
    const { query, repository } = call
    const state = query.get('state') ?? 'open'
    const found = repository.shown.pullRequests.filter(
      (one) => (state === 'all' || one.state === state) && one.base === (query.get('base') ?? one.base),
    )
    const [example] = exampleOf(pulls.operation) as unknown as readonly Record<string, unknown>[]
    const described = await Promise.all(found.map((one) => describe(call, one, example ?? {})))
    return paged(call, query.get('direction') === 'desc' ? described.toReversed() : described)
  },
}

export const pull: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  async answer(call) {
    const { parameters, repository } = call
    const found = repository.shown.pullRequests.find(
      ({ number }) => String(number) === parameters.pull_number,
    )
    return found === undefined
      ? notFound
      : { status: 200, body: await describe(call, found, exampleOf(pull.operation)) }
  },
}

async function describe({ repository }: Call, one: ShownPullRequest, example: Record<string, unknown>) {
  const head = example.head as Record<string, unknown>
  const base = example.base as Record<string, unknown>
  const sha = await repository.git('rev-parse', `refs/pull/${one.number}/head`)
  const home = base.repo as Record<string, unknown>
  return {
    ...example,
    // The examples lack these required fields of a team.
    ...{ number: one.number, state: one.state, requested_teams: [] },
    head: { ...head, sha, repo: one.fork ? { ...home, id: Number(home.id) + 1 } : home },
    base: { ...base, ref: one.base, sha: await repository.git('rev-parse', `refs/heads/${one.base}`) },
  }
}
