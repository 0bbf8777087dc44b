import { createHash } from 'node:crypto'
import { type Envelope, parseEnvelope } from './dsse.ts'
import { isRecord, parseStatement, type Statement } from './statement.ts'

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

export type FoundStatement = SignedStatement | UnreadableEvidence

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
