import type { SourceConfig } from '../configuration/config.ts'
import type { Reporting } from '../pass/pass-input.ts'
import { createLazyGitHubReports } from '../report/github/lazy.ts'
import { createReporting } from '../report/reporting.ts'
import type { Runtime } from '../values/runtime.ts'
import { gitHubAuth } from './github-auth.ts'

/** Returns how to report a source's passes; `undefined` if reports are off. Throws `ConfigError`. */
export type ReportWiring = (
  source: SourceConfig,
  runtime: Pick<Runtime, 'env' | 'fetch' | 'now' | 'random' | 'pause'>,
) => Reporting | undefined

/** Remembers earlier reports of each source. `warn` is called with a message for each failed report. */
export function createReportWiring(warn: (message: string) => void): ReportWiring {
  const known = new Map<string, Reporting>()
  return (source, runtime) => {
    const { name, repository, apiUrl: baseUrl, releases, verify, reports } = source
    if (reports === undefined || !(reports.statuses || reports.pullRequests)) return undefined
    const { statuses, pullRequests, forks, environment, targetUrl } = reports
    const reporter = environment === undefined ? name : `${environment}/${name}`
    const { fetch, now, random, pause } = runtime
    const auth = gitHubAuth({ credentials: reports.credentials ?? source.credentials }, runtime)
    const key = JSON.stringify([source, auth])
    const reporting =
      known.get(key) ??
      createReporting({
        host: createLazyGitHubReports({ repository, baseUrl, auth, fetch, now, random, pause }),
        settings: {
          ...{ reporter, releases, statuses, pullRequests, forks },
          targetUrl: targetUrl ?? null,
          unsignedCount: verify?.tags !== 'require',
        },
        warn: (message) => warn(`${name}: ${message}`),
      })
    known.set(key, reporting)
    return reporting
  }
}
