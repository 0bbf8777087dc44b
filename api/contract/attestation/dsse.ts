import type { KeyObject } from 'node:crypto'
import { type VerificationKey, verificationKeyOf } from '../keys/verification-key.ts'
import { type StatementSigner, signed } from './signer.ts'

/** Envelopes of DSSE 1.0 (Dead Simple Signing Envelope). */

/** An envelope as JSON. `payload` and `sig` are base64. */
export interface EnvelopeDocument {
  readonly payloadType: string
  readonly payload: string
  readonly signatures: readonly { readonly keyid?: string | undefined; readonly sig: string }[]
}

/** A decoded envelope. Its signatures are not verified. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Buffer
  readonly signatures: readonly Buffer[]
}

const MOST_SIGNATURES = 8

/** The bytes that a signature covers: PAE, the pre-authentication encoding of DSSE. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8')
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ])
}

/** Signs a payload with an Ed25519 key, or an ECDSA one on P-256. Throws an `Error` for another key. */
export function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  privateKey: KeyObject,
): EnvelopeDocument {
  const { fingerprint } = verificationKeyOf(privateKey)
  return envelopeOf(
    payloadType,
    payload,
    fingerprint,
    signed(privateKey, preAuthEncoding(payloadType, payload)),
  )
}

/** The same with a key that may be elsewhere. Rejects as the signer does. */
export async function signEnvelopeWith(
  payloadType: string,
  payload: Uint8Array,
  signer: StatementSigner,
): Promise<EnvelopeDocument> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload))
  return envelopeOf(payloadType, payload, signer.keyid, signature)
}

function envelopeOf(
  payloadType: string,
  payload: Uint8Array,
  keyid: string | undefined,
  signature: Uint8Array,
): EnvelopeDocument {
  const sig = Buffer.from(signature).toString('base64')
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [keyid === undefined ? { sig } : { keyid, sig }],
  }
}

/** Throws an `Error` whose message is a clause about the envelope. */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  return decodeEnvelope(jsonObject(bytes))
}

/** The same for an envelope in a larger JSON document. */
export function decodeEnvelope(document: Readonly<Record<string, unknown>>): Envelope {
  const { payloadType, payload, signatures } = document as Partial<EnvelopeDocument>
  if (typeof payloadType !== 'string') throw new Error('it has no payloadType')
  if (!Array.isArray(signatures) || signatures.length === 0) throw new Error('it has no signature')
  if (signatures.length > MOST_SIGNATURES) throw new Error(`it has more than ${MOST_SIGNATURES} signatures`)
  return {
    payloadType,
    payload: decoded(payload),
    signatures: signatures.map((one) => decoded((one as { sig?: unknown } | null)?.sig)),
  }
}

/** The keys with which the envelope is signed. Key ids are hints that anyone can write, so they are not used. */
export function signersOf<Key extends VerificationKey>(
  { payloadType, payload, signatures }: Envelope,
  keys: readonly Key[],
): Key[] {
  const message = preAuthEncoding(payloadType, payload)
  return keys.filter((key) => signatures.some((signature) => key.verify(message, signature)))
}

/** Throws an `Error` whose message is a clause about the bytes. */
export function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it is not a JSON object')
  return value as Readonly<Record<string, unknown>>
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Error('it is not JSON in UTF-8', { cause })
  }
}

/** DSSE allows both alphabets. `Buffer.from` skips characters outside of them, so they are refused first. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

function decoded(text: unknown): Buffer {
  if (typeof text !== 'string' || !BASE64.test(text))
    throw new Error('it has a payload or a signature that is not base64')
  return Buffer.from(text, 'base64')
}
