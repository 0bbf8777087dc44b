import { resolve } from 'node:path'
import { spellingsOf } from '../../../api/contract/secrets.ts'
import { repositoryHost } from '../repository-address.ts'
import { type SourceError, sourceError } from '../source-error.ts'

export type GitCredentials =
  | { readonly username?: string; readonly password: string }
  /** A complete header, such as `Authorization: Bearer …`. */
  | { readonly header: string }

export type RemoteProtocol = 'http' | 'ssh' | 'file'

/** The address of a repository. `url` has no secrets. */
export interface Remote {
  /** The argument for git. It never has credentials and is never an option. */
  readonly url: string
  readonly transport: RemoteProtocol
  /** The allowed transports, in the format of `GIT_ALLOW_PROTOCOL`. */
  readonly protocols: string
  /** The host's name; `undefined` for a local repository. */
  readonly host: string | undefined
  readonly authorization?: { readonly origin: string; readonly header: string }
  /** Every spelling of a secret that git's output could contain, longest first. */
  readonly secrets: readonly string[]
}

/**
 * Parses `repository` like git does: a URL, `user@host:path`, or a local path (made absolute here). Userinfo in an
 * HTTP URL becomes credentials. Throws `failed` for everything else, so that a sources document cannot inject an
 * option, a helper (`ext::`) or a file read.
 */
export function parseRemote(repository: string, credentials?: GitCredentials): Remote {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(repository)?.[1]?.toLowerCase()
  if (scheme === 'https' || scheme === 'http') return httpRemote(repository, scheme, credentials)
  const secrets = spellings(credentials)
  const ssh: Remote = {
    ...{ url: repository, transport: 'ssh', protocols: 'ssh' },
    ...{ host: repositoryHost(repository), secrets },
  }
  const file: Remote = {
    ...{ url: repository, transport: 'file', protocols: 'file' },
    ...{ host: undefined, secrets },
  }
  if (repository === '' || repository.startsWith('-') || hasControlCharacter(repository)) throw refused()
  if (scheme === 'ssh') return ssh
  if (scheme === 'file') return file
  if (scheme !== undefined || /^[^/]*::/.test(repository)) throw refused()
  // As in git, a colon before the first slash means a host.
  if (/^[^/]+:/.test(repository)) return ssh
  return { ...file, url: resolve(repository) }
}

function httpRemote(repository: string, scheme: string, given?: GitCredentials): Remote {
  const url = URL.parse(repository)
  // A token in a query would appear in process lists, and no host needs one there.
  if (url === null || url.search !== '' || url.hash !== '' || hasControlCharacter(repository)) throw refused()
  const credentials = given ?? userinfo(url)
  const secrets = [...new Set([...spellings(credentials), ...spellings(userinfo(url))])]
  url.username = ''
  url.password = ''
  // `ssh` is allowed because a user's configuration may rewrite https addresses (insteadOf). https never allows
  // plain http: a redirect must not remove the encryption.
  const protocols = scheme === 'https' ? 'https:ssh' : 'http:https:ssh'
  const plain: Remote = {
    ...{ url: url.href, transport: 'http', protocols, host: url.hostname },
    secrets: secrets.sort((a, b) => b.length - a.length),
  }
  if (credentials === undefined) return plain
  return { ...plain, authorization: { origin: url.origin, header: authorizationHeader(credentials) } }
}

function userinfo(url: URL): GitCredentials | undefined {
  if (url.username === '' && url.password === '') return undefined
  const [username, password] = [decode(url.username), decode(url.password)]
  // `https://<token>@host` is the usual form of a token without a user.
  return password === '' ? { username, password: username } : { username, password }
}

function authorizationHeader(credentials: GitCredentials): string {
  return 'header' in credentials ? credentials.header : `Authorization: Basic ${basic(credentials)}`
}

function basic({ username = 'x-access-token', password }: { username?: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

function spellings(credentials: GitCredentials | undefined): string[] {
  if (credentials === undefined) return []
  const raw =
    'header' in credentials
      ? [credentials.header, credentials.header.replace(/^[^:]*:\s*(\S+\s+)?/, '')]
      : [credentials.password, basic(credentials)]
  return [...new Set([...raw, ...raw.flatMap(spellingsOf)])].sort((a, b) => b.length - a.length)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\x7f')
}

function refused(): SourceError {
  // The message omits the address, because its secrets cannot be found.
  return sourceError('failed', 'The repository of this source is not a valid address.', {
    next: 'Use an https, http, ssh or file URL without a query, host:path, or a local path.',
  })
}
