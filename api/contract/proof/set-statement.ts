import type { KeyObject } from 'node:crypto'
import { type EnvelopeDocument, signEnvelope, signEnvelopeWith } from '../attestation/dsse.ts'
import type { StatementSigner } from '../attestation/signer.ts'
import {
  isRecord,
  parseStatement,
  STATEMENT_PAYLOAD_TYPE,
  type StatementSubject,
  statementBytes,
} from '../attestation/statement.ts'
import { type ReleaseSet, setDigest } from '../release-set.ts'

/** The statement about a release set: an in-toto statement whose subjects are the members. */

export const SET_PREDICATE = 'urn:prompt-registry:release-set:v1'

/** The release that a set was made for. */
export interface SignedRelease {
  readonly tag: string
  readonly repository: string | null
  readonly commit: string | null
  /** `null` for a lightweight tag. */
  readonly tagObject: string | null
  /** Who signed the tag, or `null`. */
  readonly signer: string | null
}

export interface SetStatement extends ReleaseSet {
  /** `emergency`: derived by hand, from sets of releases. */
  readonly kind: 'release' | 'emergency'
  /** Grows with each set that the source serves. */
  readonly sequence: number
  readonly release: SignedRelease | null
  /** SHA-256 of each envelope of evidence, 64 hex digits. */
  readonly evidence: readonly string[]
  /** SHA-256 of the policy that the release met, or `null`. */
  readonly policy: string | null
}

/**
 * Signs a statement. Throws an `Error` for a key of another type than Ed25519 and ECDSA on P-256.
 *
 * @example
 * signSet({ kind: 'release', source: 'support', members: { 'support/triage': identity }, sequence, ...rest }, key)
 */
export function signSet(statement: SetStatement, key: KeyObject): EnvelopeDocument {
  return signEnvelope(STATEMENT_PAYLOAD_TYPE, setStatementBytes(statement), key)
}

/** The same with a key that may be elsewhere. Rejects as the signer does. */
export async function signSetWith(
  statement: SetStatement,
  signer: StatementSigner,
): Promise<EnvelopeDocument> {
  return await signEnvelopeWith(STATEMENT_PAYLOAD_TYPE, setStatementBytes(statement), signer)
}

function setStatementBytes({ members, ...rest }: SetStatement): Buffer {
  const set = setDigest({ source: rest.source, members })
  const names = Object.keys(members).sort()
  const subject = names.map((name) => subjectOf(name, members[name] as string))
  return statementBytes({
    // in-toto needs at least one subject.
    subject: subject.length > 0 ? subject : [subjectOf(nameOfSet(set), set)],
    predicateType: SET_PREDICATE,
    predicate: { ...rest, set },
  })
}

/** No prompt id begins with a slash. */
function nameOfSet(digest: string): string {
  return `/sets/${digest}`
}

function subjectOf(name: string, sha256: string): StatementSubject {
  return { name, digest: { sha256 } }
}

/** A statement as it was read, with the digest that it names. Throws an `Error` whose message is a clause. */
export function parseSetStatement(
  payloadType: string,
  payload: Uint8Array,
): { readonly statement: SetStatement; readonly named: string } {
  const { subject, predicateType, predicate } = parseStatement(payloadType, payload)
  if (predicateType !== SET_PREDICATE) throw new Error(`its predicate is not ${SET_PREDICATE}`)
  const { kind, source, set, sequence, release, evidence, policy } = predicate
  if (!isKind(kind)) throw new Error('its kind is neither release nor emergency')
  if (typeof source !== 'string' || source === '') throw new Error('it names no source')
  if (typeof set !== 'string') throw new Error('it names no set')
  if (!Number.isSafeInteger(sequence)) throw new Error('its sequence is not a number')
  if (release !== null && !isRelease(release)) throw new Error('its release has no tag')
  if (!isDigests(evidence) || (policy !== null && typeof policy !== 'string'))
    throw new Error('its evidence or its policy is malformed')
  const members = membersOf(subject, set)
  const own = { kind, source, members, sequence: sequence as number, release, evidence, policy }
  return { statement: own, named: set }
}

function isKind(value: unknown): value is SetStatement['kind'] {
  return value === 'release' || value === 'emergency'
}

function isDigests(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((digest) => typeof digest === 'string')
}

function isRelease(value: unknown): value is SignedRelease {
  return isRecord(value) && typeof value.tag === 'string'
}

function membersOf(subjects: readonly StatementSubject[], set: string): Readonly<Record<string, string>> {
  const members = new Map<string, string>()
  for (const { name, digest } of subjects) {
    if (name === nameOfSet(set)) continue
    if (members.has(name)) throw new Error(`it names "${name}" twice`)
    if (digest.sha256 === undefined) throw new Error(`it has no SHA-256 of "${name}"`)
    members.set(name, digest.sha256)
  }
  return Object.fromEntries(members)
}
