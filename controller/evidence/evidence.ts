import { createHash } from 'node:crypto'
import { type Envelope, parseEnvelope } from '../../api/contract/attestation/dsse.ts'
import { isRecord, parseStatement, type Statement } from '../../api/contract/attestation/statement.ts'
import type { CheckRun } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** A statement in an envelope whose signatures are not verified yet. */
export interface SignedStatement {
  readonly envelope: Envelope
  readonly statement: Statement
  /** SHA-256 of the file with the envelope. */
  readonly sha256: string
  /** Names of the evidence that the statement gives: those in its predicate's `configuration`. */
  readonly names: readonly string[]
  /** From the predicate's `finishedOn`, in milliseconds since the epoch; `null` without one. */
  readonly finishedAt: number | null
}

/** Evidence that cannot be read. `unreadable` is a clause about it. */
export interface UnreadableEvidence {
  readonly unreadable: string
}

/** All evidence about the versions of a plan. */
export interface FoundEvidence {
  /** When it was listed, in milliseconds since the epoch. */
  readonly at: number
  /** By the identity of the version that it may be about. */
  readonly statements: ReadonlyMap<string, readonly FoundStatement[]>
  /** By commit. */
  readonly checks: ReadonlyMap<Oid, readonly FoundCheck[]>
  /** How the versions served in the environment that `promotesFrom` names, by prompt id. */
  readonly served?: ReadonlyMap<string, ServedThere | UnreadableEvidence>
}

/** How a version served in the other environment. */
export interface ServedThere {
  /** How long, in milliseconds, over all its stays; `null` if it never served. */
  readonly servedMs: number | null
  readonly reads: number
  /** Why it was taken out of service there: a type of event; `null` if it serves, or a later release followed. */
  readonly withdrawn: string | null
}

export type FoundStatement = SignedStatement | UnreadableEvidence
export type FoundCheck = CheckRun | UnreadableEvidence

export const NO_EVIDENCE: FoundEvidence = { at: 0, statements: new Map(), checks: new Map() }

/** Reads a file with an envelope. Never throws. */
export function readStatement(bytes: Uint8Array): FoundStatement {
  try {
    const envelope = parseEnvelope(bytes)
    const statement = parseStatement(envelope.payloadType, envelope.payload)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { envelope, statement, sha256, ...factsOf(statement) }
  } catch (error) {
    return { unreadable: (error as Error).message }
  }
}

function factsOf({ predicate }: Statement): Pick<SignedStatement, 'names' | 'finishedAt'> {
  const { configuration, finishedOn } = predicate
  const names = Array.isArray(configuration)
    ? configuration.flatMap((one) => (isRecord(one) && typeof one.name === 'string' ? [one.name] : []))
    : []
  return { names, finishedAt: finishedOn === undefined ? null : timeOf(finishedOn) }
}

function timeOf(text: unknown): number {
  const time = typeof text === 'string' && ISO_TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Error('its finishedOn is not a time such as 2026-01-31T12:00:00Z')
  return time
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
