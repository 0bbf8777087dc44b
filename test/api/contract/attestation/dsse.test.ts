import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  type EnvelopeDocument,
  parseEnvelope,
  preAuthEncoding,
  signEnvelope,
  signersOf,
} from '../../../../api/contract/attestation/dsse.ts'
import { verificationKeyOf } from '../../../../api/contract/keys/verification-key.ts'
import fc, { runs } from '../../../support/fast-check.ts'

const ed25519 = generateKeyPairSync('ed25519').privateKey
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const keys = [ed25519, p256]
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document))
const payloads = fc.uint8Array({ minLength: 1 })

test('encodes the example of the DSSE protocol', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
  expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('counts bytes, not characters', () => {
  expect(preAuthEncoding('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü')
})

test('no two pairs of type and payload have the same encoding', () => {
  const pair = fc.tuple(fc.string({ unit: fc.constantFrom('a', ' ', '1', '2') }), payloads)
  fc.assert(
    fc.property(pair, pair, ([type, payload], [otherType, otherPayload]) => {
      fc.pre(type !== otherType || !Buffer.from(payload).equals(Buffer.from(otherPayload)))
      expect(preAuthEncoding(type, payload)).not.toEqual(preAuthEncoding(otherType, otherPayload))
    }),
    { numRuns: runs(200) },
  )
})

test('whoever signed is a signer, and nobody else is', () => {
  fc.assert(
    fc.property(fc.string(), payloads, fc.constantFrom(...keys), (type, payload, key) => {
      const envelope = parseEnvelope(bytesOf(signEnvelope(type, payload, key)))
      expect(envelope.payload).toEqual(Buffer.from(payload))
      const known = keys.map(verificationKeyOf)
      expect(signersOf(envelope, known).map(({ fingerprint }) => fingerprint)).toEqual([
        verificationKeyOf(key).fingerprint,
      ])
    }),
    { numRuns: runs(50) },
  )
})

test('a changed byte of type, payload or signature has no signer', () => {
  const changed = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) })
  fc.assert(
    fc.property(
      payloads,
      fc.constantFrom(...keys),
      fc.constantFrom('payload', 'sig', 'type'),
      changed,
      (payload, key, part, { at, by }) => {
        const document = signEnvelope('type', payload, key)
        const flip = (base64: string) => {
          const bytes = Buffer.from(base64, 'base64')
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by
          return bytes.toString('base64')
        }
        const [signature] = document.signatures
        const forged: EnvelopeDocument = {
          payloadType: part === 'type' ? 'other' : document.payloadType,
          payload: part === 'payload' ? flip(document.payload) : document.payload,
          signatures: [{ sig: part === 'sig' ? flip(signature?.sig ?? '') : (signature?.sig ?? '') }],
        }
        expect(signersOf(parseEnvelope(bytesOf(forged)), keys.map(verificationKeyOf))).toEqual([])
      },
    ),
    { numRuns: runs(200) },
  )
})

test('a key id gives no trust', () => {
  const trusted = verificationKeyOf(ed25519)
  const document = signEnvelope('type', Buffer.from('text'), p256)
  const forged = { ...document, signatures: [{ ...document.signatures[0], keyid: trusted.fingerprint }] }
  expect(signersOf(parseEnvelope(bytesOf(forged)), [trusted])).toEqual([])
})

test('one of several signatures is enough for its signer', () => {
  const [first, second] = keys.map((key) => signEnvelope('type', Buffer.from('text'), key))
  const both = { ...first, signatures: [...(first?.signatures ?? []), ...(second?.signatures ?? [])] }
  expect(signersOf(parseEnvelope(bytesOf(both)), [verificationKeyOf(p256)])).toHaveLength(1)
})

test('accepts base64 with the alphabet of URLs', () => {
  const document = signEnvelope('type', Buffer.from([0xfb, 0xff, 0xfe]), ed25519)
  const toUrl = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')
  const other = {
    ...document,
    payload: toUrl(document.payload),
    signatures: document.signatures.map(({ sig }) => ({ sig: toUrl(sig) })),
  }
  expect(signersOf(parseEnvelope(bytesOf(other)), [verificationKeyOf(ed25519)])).toHaveLength(1)
})

describe('an envelope is refused', () => {
  test.each([
    ['text', 'not JSON', 'it is not JSON in UTF-8'],
    ['invalid UTF-8', Buffer.from([0xff]), 'it is not JSON in UTF-8'],
    ['a list', '[]', 'it is not a JSON object'],
    ['no type', '{"payload":"aa","signatures":[{"sig":"aa"}]}', 'it has no payloadType'],
    ['no signature', '{"payloadType":"t","payload":"aa","signatures":[]}', 'it has no signature'],
    ['no payload', '{"payloadType":"t","signatures":[{"sig":"aa"}]}', 'is not base64'],
    ['bad base64', '{"payloadType":"t","payload":"a a","signatures":[{"sig":"aa"}]}', 'is not base64'],
    ['a signature that is null', '{"payloadType":"t","payload":"aa","signatures":[null]}', 'is not base64'],
  ])('%s', (_, text, problem) => {
    expect(() => parseEnvelope(Buffer.from(text))).toThrow(problem)
  })

  test('too many signatures', () => {
    const signatures = Array.from({ length: 9 }, () => ({ sig: 'aa' }))
    expect(() => parseEnvelope(bytesOf({ payloadType: 't', payload: 'aa', signatures }))).toThrow(
      'more than 8',
    )
  })

  test('never with another error', () => {
    const field = fc.oneof(fc.string(), fc.jsonValue())
    const documents = fc.record({ payloadType: field, payload: field, signatures: fc.jsonValue() })
    fc.assert(
      fc.property(documents, (document) => {
        try {
          parseEnvelope(bytesOf(document))
        } catch (error) {
          expect((error as Error).message).toMatch(/^it /)
        }
      }),
      { numRuns: runs(200) },
    )
  })
})
