import { z } from 'zod'
import type { GitHubClient } from '../../source/github/client.ts'
import { oidSchema } from '../../source/github/objects.ts'
import type { HostReports, OpenPullRequest } from '../host-reports.ts'
import { permitted } from './permitted.ts'

const repositorySchema = z.object({ id: z.int() })
const answerSchema = z.array(
  z.object({
    number: z.int().min(1),
    // The repository of a head may be deleted.
    head: z.object({ sha: oidSchema, repo: repositorySchema.nullable() }),
    base: z.object({ repo: repositorySchema }),
  }),
)

interface KnownPullRequests {
  readonly etag: string
  readonly pullRequests: readonly OpenPullRequest[]
}

/** One request, which costs no quota if nothing changed. */
export function openPullRequests({ api }: GitHubClient): HostReports['openPullRequests'] {
  const known = new Map<string, KnownPullRequests>()
  return async (branch, signal) => {
    const parameters = { state: 'open', base: branch, sort: 'updated', direction: 'desc', per_page: '100' }
    const before = known.get(branch)
    const answer = await permitted('read pull requests', () =>
      api.get('pulls', answerSchema, { parameters, etag: before?.etag, signal }),
    )
    if (answer === 'unchanged') return before?.pullRequests ?? []
    const pullRequests = answer.data.map(pullRequestOf)
    if (answer.etag === undefined) known.delete(branch)
    else known.set(branch, { etag: answer.etag, pullRequests })
    return pullRequests
  }
}

function pullRequestOf({ number, head, base }: z.infer<typeof answerSchema>[number]): OpenPullRequest {
  return {
    number,
    head: { ref: `refs/pull/${number}/head`, commit: head.sha },
    fork: head.repo?.id !== base.repo.id,
  }
}
