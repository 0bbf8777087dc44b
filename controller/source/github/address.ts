import { type SourceError, sourceError } from '../source-error.ts'

/** A repository on GitHub or GitHub Enterprise. The token of the address is separate. */
export interface Address {
  readonly owner: string
  readonly name: string
  /** Base URL of the REST API, without a trailing slash. */
  readonly apiUrl: string
  readonly token: string | undefined
}

/**
 * Parses `owner/name`, a web address (`https://github.com/owner/name.git`, also on an Enterprise host) or an SSH
 * address (`git@github.com:owner/name.git`). `baseUrl` overrides the base URL of the API. Throws `failed` for
 * everything else, without repeating it, because it may hold a secret.
 */
export function parseAddress(repository: string, baseUrl?: string): Address {
  const short = /^([^/:@\s]+)\/([^/:@\s]+)$/.exec(repository)
  if (short) return address(short[1], short[2], apiBase(baseUrl ?? 'https://api.github.com'), undefined)
  const ssh = /^(?:[^@/\s]+@)?([^:/\s]+):([^/\s]+)\/([^/\s]+)$/.exec(repository)
  if (ssh) return address(ssh[2], ssh[3], apiBase(baseUrl ?? apiOf(ssh[1] ?? '')), undefined)
  const url = URL.parse(repository)
  if (url === null || url.search !== '' || url.hash !== '') throw refused()
  if (!/^(https?|ssh):$/.test(url.protocol)) throw refused()
  // Without encryption, the token would be readable in transit.
  if (url.protocol === 'http:' && baseUrl === undefined) throw refused()
  const [, owner, name, ...rest] = url.pathname.replace(/\/$/, '').split('/')
  if (rest.length > 0) throw refused()
  const host = url.protocol === 'ssh:' ? url.hostname : url.host
  return address(
    owner,
    name,
    apiBase(baseUrl ?? apiOf(host)),
    url.protocol === 'ssh:' ? undefined : tokenOf(url),
  )
}

function address(owner = '', name = '', apiUrl: string, token: string | undefined): Address {
  const bare = name.replace(/\.git$/, '')
  const sound = /^[\w-]+$/.test(owner) && /^[\w.-]+$/.test(bare) && !/^\.{1,2}$/.test(bare)
  if (!sound) throw refused()
  return { owner, name: bare, apiUrl, token }
}

/** The API's base URL for github.com, a host with data residency (ghe.com), or an Enterprise server. */
function apiOf(host: string): string {
  const bare = host.toLowerCase().replace(/^www\./, '')
  if (bare === 'github.com' || bare === 'ssh.github.com') return 'https://api.github.com'
  return bare.endsWith('.ghe.com') ? `https://api.${bare}` : `https://${bare}/api/v3`
}

function apiBase(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  const sound = url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username === ''
  if (sound && url.password === '') return url.href.replace(/\/+$/, '')
  throw sourceError('failed', 'The address of the GitHub API (apiUrl) is invalid.', {
    next: 'Use https://<host>/api/v3.',
  })
}

function tokenOf(url: URL): string | undefined {
  const token = url.password === '' ? url.username : url.password
  if (token === '') return undefined
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}

function refused(): SourceError {
  return sourceError('failed', 'The repository of this source is not an address on GitHub.', {
    next: 'Use owner/name, or its https address without a query.',
  })
}
