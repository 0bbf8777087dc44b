import type { SourceConfig } from '../config.ts'
import type { Surroundings } from '../configuration/surroundings.ts'
import type { Reporting } from '../pass/pass-input.ts'
import { createLazyGitHubReports } from '../report/github/lazy.ts'
import { createReporting } from '../report/reporting.ts'
import { gitHubAuth } from './repositories.ts'

/** How the passes of a source are told of; `undefined` where they are not. Throws `ConfigError`. */
export type ReportWiring = (
  source: SourceConfig,
  surroundings: Pick<Surroundings, 'env' | 'fetch' | 'now' | 'random' | 'pause'>,
) => Reporting | undefined

/** Remembers what was reported, for as long as it is kept. `warn` is told of what could not be, in a sentence. */
export function createReportWiring(warn: (message: string) => void): ReportWiring {
  const known = new Map<string, Reporting>()
  return (source, surroundings) => {
    const { name, repository, apiUrl: baseUrl, releases, verify, reports } = source
    if (reports === undefined || !(reports.statuses || reports.pullRequests)) return undefined
    const { statuses, pullRequests, forks, environment, targetUrl } = reports
    const reporter = environment === undefined ? name : `${environment}/${name}`
    const { fetch, now, random, pause } = surroundings
    const auth = gitHubAuth({ credentials: reports.credentials ?? source.credentials }, surroundings)
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
