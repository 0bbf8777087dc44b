import { createHash, timingSafeEqual } from 'node:crypto'
import { RegistryError } from '../contract/index.ts'
import { ACCESS, type Access, type Caller } from '../registry/caller.ts'
import { remoteAddress } from './remote-address.ts'
import type { WrongTokens } from './wrong-tokens.ts'

/**
 * Authenticates the caller of a request. `env` is the server's data about the request. Throws `unauthorized` and
 * `forbidden`.
 */
export type Auth = (request: Request, env: unknown) => Caller

/** A bearer token, stored only as the lower-case hex SHA-256 of its text. */
export interface BearerToken {
  readonly name: string
  readonly access: Access
  /** The sources that the token's holder may act for. */
  readonly sources: readonly string[] | 'any'
  /** Prefixes of the prompt ids that its holder may change. Default: any id. */
  readonly prefixes?: readonly string[]
  readonly sha256: string
}

const SHA256 = /^[0-9a-f]{64}$/
const BEARER = /^bearer +(\S+) *$/i

/**
 * Authenticates callers by their bearer token. `wrong` counts unknown tokens by client address. Throws at once if
 * a digest is not a SHA-256 in hex.
 */
export function tokenAuth(tokens: readonly BearerToken[], wrong?: WrongTokens): Auth {
  const known = tokens.map(({ name, access, sources, prefixes = [], sha256 }) => {
    if (!SHA256.test(sha256))
      throw new Error(`The sha256 of token "${name}" must be 64 lower-case hex digits.`)
    const caller: Caller = { actor: name, access, sources, ...(prefixes.length > 0 && { prefixes }) }
    return { digest: Buffer.from(sha256, 'hex'), caller }
  })
  return (request, env) => {
    const digest = sha256Digest(presentedToken(request.headers.get('authorization')))
    let found: Caller | undefined
    // Compares every digest, so that the timing reveals nothing about near matches.
    for (const { digest: candidate, caller } of known) if (timingSafeEqual(candidate, digest)) found = caller
    if (found !== undefined) return found
    if (wrong?.isTooMany(remoteAddress(env))) {
      throw new RegistryError(
        'rate_limited',
        'Too many wrong bearer tokens came from your address; send the right one, or wait a minute.',
      )
    }
    throw new RegistryError(
      'unauthorized',
      'The bearer token is unknown; ask the operator of this registry for a valid one.',
    )
  }
}

function presentedToken(authorization: string | null): string {
  const token = authorization === null ? undefined : BEARER.exec(authorization)?.[1]
  if (token !== undefined) return token
  throw new RegistryError(
    'unauthorized',
    'This registry requires a token; send the header "Authorization: Bearer <token>".',
  )
}

function sha256Digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

/** Throws `forbidden` if the caller's access is below `needed`. */
export function demandAccess(caller: Caller, needed: Access): void {
  if (ACCESS.indexOf(caller.access) >= ACCESS.indexOf(needed)) return
  throw new RegistryError(
    'forbidden',
    `This requires ${needed} access, but "${caller.actor}" has ${caller.access} access; use another token.`,
  )
}
