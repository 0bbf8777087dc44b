import { z } from 'zod'
import type { CheckRun } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import type { GetOptions, GitHubApi, Got } from './api.ts'
import { GitHubFailure, missingCommit, notUnderstood } from './errors.ts'

const PAGE = 100
/** Apps that run a check with one name on one commit. */
const MOST_PAGES = 10

const runsSchema = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      app: z.object({ id: z.int() }).nullable(),
      conclusion: z.string().nullable(),
      completed_at: z.string().nullable(),
    }),
  ),
})

/** See `GitSnapshot.checkRuns`. One request. */
export async function checkRuns(
  api: GitHubApi,
  commit: Oid,
  name: string,
  signal: AbortSignal,
): Promise<CheckRun[]> {
  const runs: CheckRun[] = []
  const parameters = { ref: commit, check_name: name, filter: 'latest', per_page: String(PAGE) }
  let next: string | undefined = 'commits/{ref}/check-runs'
  for (let pages = 0; next !== undefined; pages++) {
    if (pages === MOST_PAGES) throw notUnderstood(`more than ${MOST_PAGES} pages of check runs`)
    const page: CheckPage = await pageOf(api, next, { ...(pages === 0 && { parameters }), signal }, commit)
    // A run that no App made has no owner that a requirement could name.
    for (const { name, app, conclusion, completed_at } of page.data.check_runs)
      if (app !== null) runs.push({ name, appId: app.id, conclusion, completedAt: completed_at })
    next = page.next
  }
  return runs
}

type CheckPage = Exclude<Got<z.infer<typeof runsSchema>>, 'unchanged'>

async function pageOf(api: GitHubApi, route: string, options: GetOptions, commit: Oid): Promise<CheckPage> {
  try {
    const answer = await api.get(route, runsSchema, options)
    if (answer === 'unchanged') throw notUnderstood('an unchanged response that was never cached')
    return answer
  } catch (error) {
    return refused(error, commit)
  }
}

function refused(error: unknown, commit: Oid): never {
  if (!(error instanceof GitHubFailure)) throw error
  if (error.status === 422) throw missingCommit(commit)
  if (error.status !== 403 && error.status !== 404) throw error
  throw sourceError('unauthorized', 'GitHub does not let this source read check runs.', {
    next: 'Allow the token or the App to read "Checks".',
    cause: error,
  })
}
