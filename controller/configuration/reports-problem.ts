import type { SourceConfig } from './source-schema.ts'
import { isGitHub } from './source-type.ts'

type Reported = Pick<SourceConfig, 'name' | 'type' | 'repository' | 'apiUrl' | 'credentials' | 'reports'>

/** Why a source cannot report as configured, as an error message; `undefined` if it can. */
export function reportsProblem(source: Reported): string | undefined {
  const { name, type, repository, apiUrl, credentials, reports } = source
  if (reports === undefined) return undefined
  const speaksOfGitHub =
    type === 'github' || apiUrl !== undefined || isApp(credentials) || isApp(reports.credentials)
  if (!speaksOfGitHub && !isGitHub(repository))
    return `source "${name}" has "reports", which work on GitHub only. Remove them, or set "apiUrl" to the REST API of your GitHub Enterprise server.`
  if (reports.credentials === undefined && credentials === undefined && !hasUser(repository))
    return `source "${name}" has "reports" but no credentials for them. Name the variable of a token under "reports: credentials:".`
  return undefined
}

function isApp(credentials: SourceConfig['credentials']): boolean {
  return credentials !== undefined && 'appId' in credentials
}

function hasUser(repository: string): boolean {
  const url = URL.parse(repository)
  return url !== null && url.username + url.password !== '' && url.protocol.startsWith('http')
}
