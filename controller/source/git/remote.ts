import { resolve } from 'node:path'
import { spellingsOf } from '../../../api/contract/secrets.ts'
import { SourceError } from '../git-source.ts'

export type GitCredentials =
  | { readonly username?: string; readonly password: string }
  /** A whole header, such as `Authorization: Bearer …`. */
  | { readonly header: string }

/** Where a repository is, parted from the secrets that open it. */
export interface Remote {
  /** What git gets as an argument: never with credentials, never an option. */
  readonly url: string
  /** Transports git may use for it, as `GIT_ALLOW_PROTOCOL` wants them. */
  readonly protocols: string
  readonly authorization?: { readonly origin: string; readonly header: string }
  /** Every spelling of a secret that might come back in git's output, longest first. */
  readonly secrets: readonly string[]
}

/**
 * Reads `repository` as git would: a URL, `user@host:path`, or a local path (made absolute here). Userinfo in
 * an HTTP URL becomes credentials. Throws `failed` with a sentence for everything else, so that nothing from
 * a sources document can become an option, a helper (`ext::`) or a file read.
 */
export function parseRemote(repository: string, credentials?: GitCredentials): Remote {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(repository)?.[1]?.toLowerCase()
  if (scheme === 'https' || scheme === 'http') return httpRemote(repository, scheme, credentials)
  const secrets = spellings(credentials)
  const plain = { url: repository, secrets }
  if (repository === '' || repository.startsWith('-') || hasControlCharacter(repository)) throw refused()
  if (scheme === 'ssh') return { ...plain, protocols: 'ssh' }
  if (scheme === 'file') return { ...plain, protocols: 'file' }
  if (scheme !== undefined || /^[^/]*::/.test(repository)) throw refused()
  // Git's own rule: a colon before the first slash means a host.
  if (/^[^/]+:/.test(repository)) return { ...plain, protocols: 'ssh' }
  return { ...plain, url: resolve(repository), protocols: 'file' }
}

function httpRemote(repository: string, scheme: string, given?: GitCredentials): Remote {
  const url = URL.parse(repository)
  // A token in a query would be in every process list; no host needs one there.
  if (url === null || url.search !== '' || url.hash !== '' || hasControlCharacter(repository)) throw refused()
  const credentials = given ?? userinfo(url)
  const secrets = [...new Set([...spellings(credentials), ...spellings(userinfo(url))])]
  url.username = ''
  url.password = ''
  // `ssh` for people whose configuration rewrites https addresses (insteadOf). Plain http is never reached
  // from https: a redirect may not strip the encryption.
  const protocols = scheme === 'https' ? 'https:ssh' : 'http:https:ssh'
  const plain = { url: url.href, protocols, secrets: secrets.sort((a, b) => b.length - a.length) }
  if (credentials === undefined) return plain
  return { ...plain, authorization: { origin: url.origin, header: authorizationHeader(credentials) } }
}

function userinfo(url: URL): GitCredentials | undefined {
  if (url.username === '' && url.password === '') return undefined
  const [username, password] = [decode(url.username), decode(url.password)]
  // `https://<token>@host` is how people write a token alone.
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
  // The address itself stays out of the sentence: it was not understood, so neither were its secrets.
  return new SourceError(
    'failed',
    'The repository is not an address that can be read: write an https, http, ssh or file URL without a query, host:path, or a local path.',
  )
}
