import type { SourceConfig } from './source-schema.ts'
import { isOnGitHub } from './source-type.ts'

type Reported = Pick<SourceConfig, 'name' | 'type' | 'repository' | 'apiUrl' | 'credentials' | 'reports'>

/** Why a source cannot report as configured, as an error message; `undefined` if it can. */
export function reportsProblem(source: Reported): string | undefined {
  const { name, repository, credentials, reports } = source
  if (reports === undefined) return undefined
  if (!isOnGitHub(source))
    return `source "${name}" has "reports", which work on GitHub only. Remove them, or set "apiUrl" to the REST API of your GitHub Enterprise server.`
  if (reports.credentials === undefined && credentials === undefined && !hasUser(repository))
    return `source "${name}" has "reports" but no credentials for them. Name the variable of a token under "reports: credentials:".`
  return undefined
}

/** Whether the address has a user name or a token. */
export function hasUser(repository: string): boolean {
  const url = URL.parse(repository)
  return url !== null && url.username + url.password !== '' && url.protocol.startsWith('http')
}
