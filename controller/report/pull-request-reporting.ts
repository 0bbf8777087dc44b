import type { PassInput, Reporting } from '../pass/pass-input.ts'
import { type RegistryReads, registryReads } from '../pass/registry-reads.ts'
import { type GitSource, type RefListing, SourceError } from '../source/git-source.ts'
import type { PassReport } from '../state/pass-report.ts'
import type { HostReports, OpenPullRequest } from './host-reports.ts'
import { createPullRequestComments } from './pull-request-comments.ts'
import { type CheckedPullRequest, pullRequestsDue } from './pull-requests-due.ts'
import { planPullRequest } from './read-pull-request.ts'
import { inTime, orAborted, type Timeout } from './time-limit.ts'

export interface PullRequestReportingOptions {
  readonly host: HostReports
  readonly settings: { readonly reporter: string; readonly forks: boolean }
  readonly warn: (message: string) => void
  readonly timeout: Timeout
}

/** Limits for each pass. The remaining pull requests wait for the next pass. */
const PULL_REQUESTS_MS = 60_000
const MOST_PULL_REQUESTS = 10

/** After a pass, comments on each open pull request whose head or branch moved. */
export function createPullRequestReporting(options: PullRequestReportingOptions): Reporting {
  const { host, settings, warn, timeout } = options
  const checked = new Map<number, CheckedPullRequest>()
  const comments = createPullRequestComments(host, settings.reporter)
  let lastTrouble = ''
  const warnOnce = (trouble: string) => {
    if (trouble !== '' && trouble !== lastTrouble) warn(trouble)
    lastTrouble = trouble
  }

  const checkAll = async (input: PassInput, listing: RefListing, signal: AbortSignal) => {
    const all = await host.openPullRequests(listing.branch, signal)
    const open = all.filter(({ fork }) => settings.forks || !fork)
    for (const number of checked.keys())
      if (!open.some((one) => one.number === number)) checked.delete(number)
    const due = pullRequestsDue(open, checked, listing.commit, MOST_PULL_REQUESTS)
    if (due.length === 0) return []
    return await commentAll({ ...input, signal }, listing, due, signal)
  }

  /** Returns the problems, one sentence each. */
  const commentAll = async (
    input: PassInput,
    listing: RefListing,
    due: readonly OpenPullRequest[],
    signal: AbortSignal,
  ) => {
    const registry = readOnce(registryReads(input))
    const snapshot = await input.git.open({ ...listing, also: due.map(({ head }) => head) }, signal)
    const common = { source: input.source, listing, snapshot, registry }
    const troubles: string[] = []
    try {
      for (const { number, head } of due) {
        const commits = { head: head.commit, tip: listing.commit }
        checked.set(number, { ...commits, tries: (checked.get(number)?.tries ?? 0) + 1 })
        try {
          const plan = await orAborted(planPullRequest({ ...common, pullRequest: number, head }), signal)
          await comments.update(plan, signal)
          checked.set(number, { ...commits, tries: 0 })
        } catch (error) {
          troubles.push(`cannot comment on pull request ${number}: ${sentenceOf(error)}`)
          if (signal.aborted || (error instanceof SourceError && error.code === 'rate_limited')) break
        }
      }
    } finally {
      await snapshot.close()
    }
    return troubles
  }

  return async (input, pass) => {
    const { git, listing } = remembering(input.git)
    const report = await pass({ ...input, git })
    const refs = listing()
    if (refs === undefined || !wentThrough(report)) return report
    const signal = inTime(timeout(PULL_REQUESTS_MS), input.signal)
    const troubles = await checkAll(input, refs, signal).catch((error: unknown) => [
      `cannot comment on pull requests: ${sentenceOf(error)}`,
    ])
    if (!input.signal?.aborted) warnOnce(troubles.join(' '))
    return report
  }
}

/** Reads the rows once for all pull requests. */
function readOnce(registry: RegistryReads): RegistryReads {
  let owned: ReturnType<RegistryReads['owned']> | undefined
  return {
    ...registry,
    owned() {
      owned ??= registry.owned()
      return owned
    },
  }
}

/** After a failed pass, comments on pull requests would be wrong. */
function wentThrough({ result }: PassReport): boolean {
  return result !== 'failed' && result !== 'suspended'
}

/** The same repository, with access to its last listing. */
function remembering(git: GitSource): { git: GitSource; listing: () => RefListing | undefined } {
  let last: RefListing | undefined
  const listRefs = async (signal?: AbortSignal) => {
    last = await git.listRefs(signal)
    return last
  }
  return { git: { ...git, listRefs }, listing: () => last }
}

function sentenceOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'Timed out.'
  return error instanceof Error ? error.message : String(error)
}
