import { createHash, timingSafeEqual } from 'node:crypto'
import { RegistryError } from '../contract/index.ts'
import { ACCESS, type Access, type Caller } from '../registry/caller.ts'

/**
 * Finds out who asks. `env` is what the server that took the request hands over beside it. Throws `unauthorized`
 * and `forbidden`.
 */
export type Auth = (request: Request, env: unknown) => Caller

/** A bearer token, known only by the SHA-256 of its text, in lower-case hex. */
export interface Token {
  readonly name: string
  readonly access: Access
  /** The sources that its holder may act for. */
  readonly sources: readonly string[] | 'any'
  readonly sha256: string
}

const SHA256 = /^[0-9a-f]{64}$/
const BEARER = /^bearer +(\S+) *$/i

/** Callers are the holders of `tokens`. Throws at once where a digest is not a SHA-256 in hex. */
export function tokenAuth(tokens: readonly Token[]): Auth {
  const known = tokens.map(({ name, access, sources, sha256 }) => {
    if (!SHA256.test(sha256))
      throw new Error(`The sha256 of token "${name}" must be 64 lower-case hex digits.`)
    const caller: Caller = { actor: name, access, sources }
    return { digest: Buffer.from(sha256, 'hex'), caller }
  })
  return (request) => {
    const digest = sha256Digest(presentedToken(request.headers.get('authorization')))
    let found: Caller | undefined
    // Every digest is compared, so that the time taken tells nothing about which one came close.
    for (const { digest: candidate, caller } of known) if (timingSafeEqual(candidate, digest)) found = caller
    if (found !== undefined) return found
    throw new RegistryError('unauthorized', 'The bearer token is not known here; ask the operator for one.')
  }
}

function presentedToken(authorization: string | null): string {
  const token = authorization === null ? undefined : BEARER.exec(authorization)?.[1]
  if (token !== undefined) return token
  throw new RegistryError(
    'unauthorized',
    'This registry asks for a token; send the header "Authorization: Bearer <token>".',
  )
}

function sha256Digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

/** Throws `forbidden` where the caller's access is below `needed`. */
export function demandAccess(caller: Caller, needed: Access): void {
  if (ACCESS.indexOf(caller.access) >= ACCESS.indexOf(needed)) return
  throw new RegistryError(
    'forbidden',
    `This needs ${needed} access and "${caller.actor}" has ${caller.access} access; use another token.`,
  )
}
