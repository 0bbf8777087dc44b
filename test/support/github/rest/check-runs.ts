import { exampleOf, type Json } from '../description.ts'
import type { ShownCheckRun } from '../shown.ts'
import type { Endpoint } from '../types.ts'
import { refused } from '../types.ts'
import { paged } from './paging.ts'

export const checkRuns: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  async answer(call) {
    const { parameters, query, repository } = call
    const object = await repository.objects.read(parameters.ref ?? '')
    if (object?.type !== 'commit') return refused(`No commit found for SHA: ${parameters.ref}`)
    const name = query.get('check_name')
    const all = repository.shown.checkRuns.filter(
      (run) => run.sha === parameters.ref && (name === null || run.name === name),
    )
    // The newest run of each App.
    const latest = all.filter(
      (run, index) =>
        !all.slice(index + 1).some(({ appId, name }) => appId === run.appId && name === run.name),
    )
    const page = paged(call, latest.map(describe))
    return { ...page, body: { total_count: latest.length, check_runs: page.body } }
  },
}

function describe({ sha, name, appId, conclusion, completedAt }: ShownCheckRun): Json {
  const { check_runs: runs } = exampleOf(checkRuns.operation) as { check_runs: Json[] }
  const [example = {}] = runs
  return {
    ...example,
    ...{ head_sha: sha, name, conclusion, completed_at: completedAt },
    status: completedAt === null ? 'in_progress' : 'completed',
    app: { ...(example.app as Json), id: appId },
  }
}
