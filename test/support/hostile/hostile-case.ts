import type { Writer } from './writer.ts'

/** A repository that somebody made to stop or to slow the controller. */
export interface HostileCase {
  readonly name: string
  readonly make: (writer: Writer) => Promise<unknown>
  /** Keys of the source besides name and repository. */
  readonly source?: Readonly<Record<string, unknown>>
  /** How the first pass ends. Default: `synced`. */
  readonly result?: 'synced' | 'failed' | 'held' | 'incomplete'
  /** Whether it is too much to read beside others under one limit. */
  readonly alone?: boolean
  /** Codes of what it finds, with nothing else beside them. */
  readonly finds: readonly string[]
}
