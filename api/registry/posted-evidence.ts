import type { EnvelopeDocument } from '../contract/attestation/dsse.ts'
import { readStatement, type SignedStatement } from '../contract/attestation/evidence.ts'
import type { StatementSubject } from '../contract/attestation/statement.ts'
import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { PromptEvent, StoredEvidence } from '../store/records.ts'

/** A statement that can be stored, with what its event says about it. */
export interface PostedEvidence {
  readonly stored: Omit<StoredEvidence, 'actor' | 'at'>
  readonly details: NonNullable<PromptEvent['details']>
}

/**
 * Reads a statement about a version of a prompt. Its signatures are not verified: which keys count is decided by those
 * who require evidence. Throws `too_large`, and `invalid_request` for a statement that could never count. Pure.
 */
export function postedEvidence(
  id: string,
  { payloadType, payload, signatures }: EnvelopeDocument,
): PostedEvidence {
  // The same text as that of `promptctl attest`, so that a statement has one hash wherever it is.
  const envelope = `${JSON.stringify({ payloadType, payload, signatures })}\n`
  const bytes = Buffer.from(envelope)
  if (bytes.length > LIMITS.evidenceBytes) throw tooLarge(bytes.length)
  const found = readStatement(bytes)
  if ('unreadable' in found) throw unusable(found.unreadable)
  const subject = subjectOf(id, found)
  const identity = subject.digest.sha256 ?? ''
  const { payloadSha256 } = subject.annotations ?? {}
  return {
    stored: {
      ...{ sha256: found.sha256, identity, envelope },
      payloadSha256: typeof payloadSha256 === 'string' && SHA256.test(payloadSha256) ? payloadSha256 : null,
    },
    details: { sha256: found.sha256, identity, ...claimsOf(found) },
  }
}

const SHA256 = /^[0-9a-f]{64}$/

/** The part of the statement that is about the prompt. */
function subjectOf(id: string, { statement }: SignedStatement): StatementSubject {
  const [subject, second] = statement.subject.filter(({ name }) => name === id)
  if (subject === undefined) throw unusable(`none of its subjects has the name "${id}"`)
  if (second !== undefined) throw unusable(`two of its subjects have the name "${id}"`)
  if (!SHA256.test(subject.digest.sha256 ?? ''))
    throw unusable('the sha256 of its subject is not an identity, 64 lower-case hex digits')
  return subject
}

const MOST_NAMES = 10
const LONGEST = 100

/** The statement in words, for people. Long values are left out. */
function claimsOf({ names, statement }: SignedStatement) {
  const { result } = statement.predicate
  const isShort = (text: unknown): text is string => typeof text === 'string' && text.length <= LONGEST
  return { evidence: names.filter(isShort).slice(0, MOST_NAMES), result: isShort(result) ? result : null }
}

function unusable(clause: string): RegistryError {
  return new RegistryError(
    'invalid_request',
    `The envelope has no usable statement: ${clause}. Make one with promptctl attest.`,
  )
}

function tooLarge(bytes: number): RegistryError {
  return new RegistryError(
    'too_large',
    `The envelope has ${bytes} bytes; at most ${LIMITS.evidenceBytes} are allowed. Shorten its statement.`,
  )
}
