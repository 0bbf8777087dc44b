import { describe, expect, test } from 'vitest'
import { signEnvelope } from '../../../../api/contract/attestation/dsse.ts'
import { STATEMENT_PAYLOAD_TYPE, statementBytes } from '../../../../api/contract/attestation/statement.ts'
import { verificationKeyOf } from '../../../../api/contract/keys/verification-key.ts'
import { SET_PREDICATE, signSet } from '../../../../api/contract/proof/set-statement.ts'
import { type SetProof, verifyProof } from '../../../../api/contract/proof/verify-set.ts'
import { setDigest } from '../../../../api/contract/release-set.ts'
import fc, { runs } from '../../../support/fast-check.ts'
import { PRIVATE, PUBLIC, proofOf, setStatement } from '../../../support/proof.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const verify = (proof: unknown) => verifyProof(proof, PUBLIC)

test('a signed set reads back as it was, with its digest and its key', () => {
  const release = { tag: 'v1.3.0', repository: 'r', commit: 'c', tagObject: null, signer: 'ada' }
  const made = setStatement({ members: { b: B, a: A }, release, evidence: [C], policy: C })
  const { statement, releases } = verify(proofOf(made))
  expect(statement).toEqual({ ...made, set: setDigest(made), key: PUBLIC.release[0]?.fingerprint })
  expect(releases).toEqual([])
})

test('any members are proven, none too', () => {
  const digest = fc.stringMatching(/^[0-9a-f]{64}$/)
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), digest), (members) => {
      const own = { ...members }
      expect(verify(proofOf({ members: own })).statement.members).toEqual(own)
    }),
    { numRuns: runs(50) },
  )
})

test('a key on P-256 signs too', () => {
  const keys = { release: [verificationKeyOf(PRIVATE.p256)], emergency: [] }
  const statement = signSet(setStatement({ members: { a: A } }), PRIVATE.p256)
  expect(verifyProof({ statement, releases: [] }, keys).statement.members).toEqual({ a: A })
})

describe('an emergency set', () => {
  const released = (sequence: number, members: Record<string, string>) => setStatement({ sequence, members })
  const emergency = (members: Record<string, string>, ...releases: ReturnType<typeof released>[]) =>
    proofOf({ kind: 'emergency', sequence: 10, members }, releases)

  test.each([
    ['of one release', emergency({ a: A }, released(1, { a: A, b: B }))],
    ['of two releases', emergency({ a: A, b: B }, released(1, { a: A, b: C }), released(2, { a: C, b: B }))],
    ['without members', emergency({})],
  ])('%s is proven', (_, proof) => {
    expect(verify(proof).statement.kind).toBe('emergency')
  })

  test.each([
    ['a version that no release had', emergency({ a: B }, released(1, { a: A }))],
    ['a version of another prompt', emergency({ a: B }, released(1, { a: A, b: B }))],
    ['a version of a later release', emergency({ a: B }, released(1, { a: A }), released(11, { a: B }))],
    [
      'a version of another source',
      emergency({ a: B }, setStatement({ source: 'other', members: { a: B } })),
    ],
    [
      'a version of an emergency set',
      emergency({ a: B }, setStatement({ kind: 'emergency', members: { a: B } })),
    ],
  ])('with %s is refused', (_, proof) => {
    expect(() => verify(proof)).toThrow(
      'The emergency set of source "support" has version bbbbbbbbbbbb of "a", which no signed release of this source had before.',
    )
  })
})

describe('a statement is refused', () => {
  const proof = proofOf({ members: { a: A } })
  const withStatement = (statement: unknown) => ({ statement, releases: [] })
  const signed = (document: object) =>
    withStatement(
      signEnvelope(STATEMENT_PAYLOAD_TYPE, Buffer.from(JSON.stringify(document)), PRIVATE.release),
    )
  const document = JSON.parse(Buffer.from(proof.statement.payload, 'base64').toString())
  const predicate = (fields: object) =>
    signed({ ...document, predicate: { ...document.predicate, ...fields } })
  const subject = (name: string, sha256: string) => ({ name, digest: { sha256 } })
  const changedPayload = Buffer.from(JSON.stringify({ ...document, subject: [subject('a', B)] }))

  test.each<[string, unknown, string]>([
    ['without a proof', null, 'The proof of a set is malformed'],
    ['without a list of releases', { statement: proof.statement }, 'The proof of a set is malformed'],
    ['without an envelope', withStatement(undefined), 'cannot be read: it has no payloadType'],
    [
      'without a signature',
      withStatement({ ...proof.statement, signatures: [] }),
      'cannot be read: it has no signature',
    ],
    [
      'with other bytes than were signed',
      withStatement({ ...proof.statement, payload: changedPayload.toString('base64') }),
      'not signed by any of the given keys',
    ],
    [
      'of another key',
      withStatement(signSet(setStatement(), PRIVATE.p256)),
      'not signed by any of the given keys',
    ],
    [
      'of a release with an emergency key',
      withStatement(signSet(setStatement(), PRIVATE.emergency)),
      'is of kind release, but no release key signed it',
    ],
    [
      'of an emergency with a release key',
      withStatement(signSet(setStatement({ kind: 'emergency' }), PRIVATE.release)),
      'is of kind emergency, but no emergency key signed it',
    ],
    [
      'with another digest than its members have',
      predicate({ set: C }),
      'names the set cccccccccccc, but its members are those of the set',
    ],
    ['of an unknown kind', predicate({ kind: 'test' }), 'neither release nor emergency'],
    ['without a source', predicate({ source: '' }), 'it names no source'],
    ['without a set', predicate({ set: 1 }), 'it names no set'],
    ['without a sequence', predicate({ sequence: '1' }), 'its sequence is not a number'],
    ['with a release without a tag', predicate({ release: {} }), 'its release has no tag'],
    ['with odd evidence', predicate({ evidence: [1] }), 'its evidence or its policy is malformed'],
    ['with an odd policy', predicate({ policy: 1 }), 'its evidence or its policy is malformed'],
    [
      'with two versions of a prompt',
      signed({ ...document, subject: [subject('a', A), subject('a', B)] }),
      'it names "a" twice',
    ],
    [
      'with a subject without a SHA-256',
      signed({ ...document, subject: [{ name: 'a', digest: { sha512: A } }] }),
      'it has no SHA-256 of "a"',
    ],
    [
      'of another predicate',
      signed({ ...document, predicateType: 'x' }),
      `its predicate is not ${SET_PREDICATE}`,
    ],
    [
      'of another payload type',
      withStatement(signEnvelope('text/plain', statementBytes(document), PRIVATE.release)),
      'its payload is not application/vnd.in-toto+json',
    ],
    [
      'with a release that was changed',
      { ...proofOf({ kind: 'emergency' }), releases: [{ ...proof.statement, payload: 'AA==' }] },
      'not signed by any of the given keys',
    ],
  ])('%s', (_, given, sentence) => {
    expect(() => verify(given)).toThrow(sentence)
    expect(() => verify(given)).toThrow(/^[A-Z].*\.$/)
  })

  test('but not before it is changed', () => {
    expect(verify(proof satisfies SetProof).statement.set).toBe(document.predicate.set)
  })
})
