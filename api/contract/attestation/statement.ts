import { jsonObject } from './dsse.ts'

/** Statements of the in-toto Attestation Framework 1. */

export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json'
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
/** The predicate of a test run, whose `result` is `PASSED`, `WARNED` or `FAILED`. */
export const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1'

/** The subject of a statement. For a prompt: its id, and the version's identity as `sha256`. */
export interface StatementSubject {
  readonly name: string
  readonly digest: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, unknown>> | undefined
}

export interface Statement {
  readonly subject: readonly StatementSubject[]
  readonly predicateType: string
  readonly predicate: Readonly<Record<string, unknown>>
}

/** The payload of an envelope. */
export function statementBytes({ subject, predicateType, predicate }: Statement): Buffer {
  return Buffer.from(JSON.stringify({ _type: STATEMENT_TYPE, subject, predicateType, predicate }))
}

/** Throws an `Error` whose message is a clause about the statement. */
export function parseStatement(payloadType: string, payload: Uint8Array): Statement {
  if (payloadType !== STATEMENT_PAYLOAD_TYPE) throw new Error(`its payload is not ${STATEMENT_PAYLOAD_TYPE}`)
  const { _type, subject, predicateType, predicate } = jsonObject(payload)
  if (_type !== STATEMENT_TYPE) throw new Error(`its payload is not ${STATEMENT_TYPE}`)
  if (!Array.isArray(subject) || subject.length === 0 || !subject.every(isSubject))
    throw new Error('it has no subject with a name and a digest')
  if (typeof predicateType !== 'string' || !isRecord(predicate)) throw new Error('it has no predicate')
  return { subject, predicateType, predicate }
}

function isSubject(value: unknown): value is StatementSubject {
  if (!isRecord(value) || typeof value.name !== 'string' || !isRecord(value.digest)) return false
  const isText = Object.values(value.digest).every((digest) => typeof digest === 'string')
  return isText && (value.annotations === undefined || isRecord(value.annotations))
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
