/** Each includes the ones before it. */
const LEVELS = ['read', 'write', 'admin'] as const
/** `attest`: to post evidence, and nothing else. Of the levels only `admin` includes it. */
export type Access = (typeof LEVELS)[number] | 'attest'

/** Whether a caller with this access may do what needs the other. */
export function includesAccess(held: Access, needed: Access): boolean {
  if (held === needed) return true
  if (held === 'attest') return false
  return needed === 'attest' ? held === 'admin' : LEVELS.indexOf(held) >= LEVELS.indexOf(needed)
}

/** The authenticated caller. */
export interface Caller {
  /** Recorded as the actor of every event. */
  readonly actor: string
  readonly access: Access
  /** The sources that this caller may act for. Admins may act for all. */
  readonly sources: readonly string[] | 'any'
  /** Prefixes of the prompt ids that this caller may change. Undefined or empty: any id. */
  readonly prefixes?: readonly string[]
}
