import type { HostReports } from './host-reports.ts'
import { digestOf, isQuiet, markerOf, pullRequestComment } from './pull-request-comment.ts'
import type { PullRequestPlan } from './pull-request-plan.ts'
import { remember } from './remember.ts'

/** Keeps one comment on each pull request up to date. */
export interface PullRequestComments {
  /** Sends nothing if the comment is up to date, and creates no comment for a plan with nothing to report. */
  update(plan: PullRequestPlan, signal?: AbortSignal): Promise<void>
}

interface KnownComment {
  /** `null` if there is no comment. */
  readonly id: number | null
  readonly digest: string
}

const REMEMBERED = 1000

export function createPullRequestComments(host: HostReports, reporter: string): PullRequestComments {
  const known = new Map<number, KnownComment>()
  const find = async (pullRequest: number, signal?: AbortSignal): Promise<KnownComment> => {
    const comment = await host.findComment(pullRequest, markerOf(reporter), signal)
    return { id: comment?.id ?? null, digest: comment === null ? '' : digestOf(comment.body) }
  }
  return {
    async update(plan, signal) {
      const { pullRequest } = plan
      const before = known.get(pullRequest) ?? (await find(pullRequest, signal))
      remember(known, pullRequest, before, REMEMBERED)
      const body = pullRequestComment(plan, reporter)
      const digest = digestOf(body)
      if (digest === before.digest || (before.id === null && isQuiet(plan))) return
      // If this request fails, the comment may exist: look for it again next time.
      known.delete(pullRequest)
      const id = await host.writeComment(pullRequest, before.id, body, signal)
      remember(known, pullRequest, { id, digest }, REMEMBERED)
    },
  }
}
