import { decodeEnvelope, type EnvelopeDocument, signersOf } from '../attestation/dsse.ts'
import { isRecord } from '../attestation/statement.ts'
import type { VerificationKey } from '../keys/verification-key.ts'
import { memberOf, type ReleaseSet, setDigest } from '../release-set.ts'
import { identityLabel } from '../version.ts'
import { ProofError } from './proof-error.ts'
import { parseSetStatement, type SetStatement } from './set-statement.ts'

/** The keys whose statements are believed. A key of one kind does not sign the other. */
export interface ProofKeys {
  readonly release: readonly VerificationKey[]
  readonly emergency: readonly VerificationKey[]
}

/** The statement of the set that a source serves, and the statements that it rests on. */
export interface SetProof {
  readonly statement: EnvelopeDocument
  /** Of an emergency set: statements of releases that had its members. Else empty. */
  readonly releases: readonly EnvelopeDocument[]
}

/** A statement whose signature, digest and members are right. */
export interface VerifiedSet extends SetStatement {
  /** The digest of the set, 64 hex digits. */
  readonly set: string
  /** The fingerprint of the key that signed it. */
  readonly key: string
}

export interface VerifiedProof {
  readonly statement: VerifiedSet
  readonly releases: readonly VerifiedSet[]
}

/** Verifies what `SetProof` describes. Throws `ProofError`. */
export function verifyProof(document: unknown, keys: ProofKeys): VerifiedProof {
  if (!isRecord(document) || !Array.isArray(document.releases))
    throw new ProofError('The proof of a set is malformed: it needs "statement" and "releases".')
  const statement = verifySet(document.statement, keys)
  const releases = document.releases.map((envelope) => verifySet(envelope, keys))
  if (statement.kind === 'emergency') checkEmergency(statement, releases)
  return { statement, releases: releases.filter(({ source }) => source === statement.source) }
}

/** Verifies an envelope: its signature, and the set that its members make. Throws `ProofError`. */
export function verifySet(envelope: unknown, keys: ProofKeys): VerifiedSet {
  const { payloadType, payload, signatures } = clauses('The statement of a set cannot be read', () =>
    decodeEnvelope(isRecord(envelope) ? envelope : {}),
  )
  const signers = signersOf({ payloadType, payload, signatures }, [...keys.release, ...keys.emergency])
  if (signers.length === 0)
    throw new ProofError(
      'The statement of a set is not signed by any of the given keys: it was changed, or another key signed it.',
    )
  const { statement, named } = clauses('The signed statement of a set cannot be read', () =>
    parseSetStatement(payloadType, payload),
  )
  const { kind, source } = statement
  const key = signers.find((signer) => keys[kind].includes(signer))
  if (key === undefined)
    throw new ProofError(`The set of source "${source}" is of kind ${kind}, but no ${kind} key signed it.`)
  const set = setDigest(statement)
  if (set !== named)
    throw new ProofError(
      `The statement of source "${source}" names the set ${identityLabel(named)}, but its members are those of the set ${identityLabel(set)}.`,
    )
  return { ...statement, set, key: key.fingerprint }
}

/** An emergency set serves only what earlier releases of its source served. */
function checkEmergency(emergency: VerifiedSet, releases: readonly VerifiedSet[]): void {
  const { source, sequence } = emergency
  const earlier = releases.filter(
    (one) => one.kind === 'release' && one.source === source && one.sequence < sequence,
  )
  const strange = Object.entries(emergency.members).find(
    ([id, identity]) => !hadMember(earlier, id, identity),
  )
  if (strange === undefined) return
  const [id, identity] = strange
  throw new ProofError(
    `The emergency set of source "${source}" has version ${identityLabel(identity)} of "${id}", which no signed release of this source had before.`,
  )
}

export function hadMember(sets: readonly ReleaseSet[], id: string, identity: string): boolean {
  return sets.some((set) => memberOf(set, id) === identity)
}

/** Makes a sentence of an error whose message is a clause. */
function clauses<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new ProofError(`${what}: ${error instanceof Error ? error.message : error}.`, { cause: error })
  }
}
