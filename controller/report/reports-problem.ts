import type { SourceConfig } from '../config.ts'
import { isGitHub } from '../configuration/source-type.ts'

type Reported = Pick<SourceConfig, 'name' | 'type' | 'repository' | 'apiUrl' | 'credentials' | 'reports'>

/** Why a source cannot report as its configuration says, as a sentence with the next move. */
export function reportsProblem(source: Reported): string | undefined {
  const { name, type, repository, apiUrl, credentials, reports } = source
  if (reports === undefined) return undefined
  const speaksOfGitHub =
    type === 'github' || apiUrl !== undefined || isApp(credentials) || isApp(reports.credentials)
  if (!speaksOfGitHub && !isGitHub(repository))
    return `the source "${name}" has "reports", which are made on GitHub only; take them out, or say with "apiUrl" where the interface of your GitHub Enterprise server is.`
  if (reports.credentials === undefined && credentials === undefined && !hasUser(repository))
    return `the source "${name}" has "reports", and no credentials to make them with; name the variable of a token under "reports: credentials:".`
  return undefined
}

function isApp(credentials: SourceConfig['credentials']): boolean {
  return credentials !== undefined && 'appId' in credentials
}

function hasUser(repository: string): boolean {
  const url = URL.parse(repository)
  return url !== null && url.username + url.password !== '' && url.protocol.startsWith('http')
}
