export const ACCESS = ['read', 'write', 'admin'] as const
export type Access = (typeof ACCESS)[number]

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
