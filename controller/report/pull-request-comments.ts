import type { HostReports } from './host-reports.ts'
import { digestOf, isQuiet, markerOf, pullRequestComment } from './pull-request-comment.ts'
import type { PullRequestPlan } from './pull-request-plan.ts'
import { remember } from './remember.ts'

/** One comment of a reporter on each pull request, which says what it says now. */
export interface PullRequestComments {
  /** Asks nothing where the comment says so already. Where it never said anything, nothing is said of nothing. */
  say(plan: PullRequestPlan, signal?: AbortSignal): Promise<void>
}

interface Said {
  /** `null` where there is no comment. */
  readonly id: number | null
  readonly digest: string
}

const REMEMBERED = 1000

export function createPullRequestComments(host: HostReports, reporter: string): PullRequestComments {
  const said = new Map<number, Said>()
  const find = async (pullRequest: number, signal?: AbortSignal): Promise<Said> => {
    const comment = await host.findComment(pullRequest, markerOf(reporter), signal)
    return { id: comment?.id ?? null, digest: comment === null ? '' : digestOf(comment.body) }
  }
  return {
    async say(plan, signal) {
      const { pullRequest } = plan
      const known = said.get(pullRequest) ?? (await find(pullRequest, signal))
      remember(said, pullRequest, known, REMEMBERED)
      const body = pullRequestComment(plan, reporter)
      const digest = digestOf(body)
      if (digest === known.digest || (known.id === null && isQuiet(plan))) return
      // Whether it was written is not known while there is no answer: then it is looked for again.
      said.delete(pullRequest)
      const id = await host.writeComment(pullRequest, known.id, body, signal)
      remember(said, pullRequest, { id, digest }, REMEMBERED)
    },
  }
}
