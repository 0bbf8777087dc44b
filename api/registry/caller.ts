export const ACCESS = ['read', 'write', 'admin'] as const
export type Access = (typeof ACCESS)[number]

/** Who asks, as the entry found out. */
export interface Caller {
  /** Recorded as the actor of every event. */
  readonly actor: string
  readonly access: Access
  /** The sources that this caller may act for. An admin may act for any. */
  readonly sources: readonly string[] | 'any'
}
