import { hash, timingSafeEqual } from 'node:crypto'
import { RegistryError } from '../contract/errors.ts'
import { type Access, type Caller, includesAccess } from '../registry/caller.ts'
import { remoteAddress } from './remote-address.ts'
import type { WrongTokens } from './wrong-tokens.ts'

/** The part of a request that authentication reads. A `Request` is one. */
export interface RequestHead {
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'>
}

/**
 * Authenticates the caller of a request. `env` is the server's data about the request. Throws `unauthorized` and
 * `forbidden`.
 */
export type Auth = (request: RequestHead, env: unknown) => Caller

/** Returns the caller, or undefined where `Auth` throws. Counts and logs nothing. */
export type Identify = (request: RequestHead, env: unknown) => Caller | undefined

/** Both return the same object for the same caller. */
export interface IdentifyingAuth {
  readonly auth: Auth
  readonly identify: Identify
}

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
  return identifyingTokenAuth(tokens, wrong).auth
}

/** As `tokenAuth`, with its first half. */
export function identifyingTokenAuth(tokens: readonly BearerToken[], wrong?: WrongTokens): IdentifyingAuth {
  const identify = tokenIdentity(tokens)
  const auth: Auth = (request, env) => {
    const found = identify(request, env)
    if (found !== undefined) return found
    if (presentedToken(request) === undefined) {
      throw new RegistryError(
        'unauthorized',
        'This registry requires a token; send the header "Authorization: Bearer <token>".',
      )
    }
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
  return { auth, identify }
}

function tokenIdentity(tokens: readonly BearerToken[]): Identify {
  const known = tokens.map(({ name, access, sources, prefixes = [], sha256 }) => {
    if (!SHA256.test(sha256))
      throw new Error(`The sha256 of token "${name}" must be 64 lower-case hex digits.`)
    const caller: Caller = { actor: name, access, sources, ...(prefixes.length > 0 && { prefixes }) }
    return { digest: Buffer.from(sha256, 'hex'), caller }
  })
  return (request) => {
    const token = presentedToken(request)
    if (token === undefined) return undefined
    const digest = sha256Digest(token)
    let found: Caller | undefined
    // Compares every digest, so that the timing reveals nothing about near matches.
    for (const { digest: candidate, caller } of known) if (timingSafeEqual(candidate, digest)) found = caller
    return found
  }
}

function presentedToken({ headers }: RequestHead): string | undefined {
  const authorization = headers.get('authorization')
  return authorization === null ? undefined : BEARER.exec(authorization)?.[1]
}

function sha256Digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

/** Throws `forbidden` if the caller's access is below `needed`. */
export function demandAccess(caller: Caller, needed: Access): void {
  if (includesAccess(caller.access, needed)) return
  throw new RegistryError(
    'forbidden',
    `This requires ${needed} access, but "${caller.actor}" has ${caller.access} access; use another token.`,
  )
}
