/** The meaning of a delivery: a branch or tag moved, a connection test, or something else. */
export type Delivery = 'moved' | 'ping' | 'other'

/**
 * How a delivery proves that its sender knows the secret: an HMAC-SHA256 of `before` and then the raw body, or the
 * secret itself.
 */
export type Proof =
  | {
      readonly kind: 'hmac'
      /** How to derive the key from the secret: its UTF-8, or Base64 after `whsec_` as in Standard Webhooks. */
      readonly key: 'text' | 'standard'
      readonly before: string
      /** 32 bytes. */
      readonly digest: Uint8Array
    }
  | { readonly kind: 'token'; readonly token: string }

/** The delivery format of a host. Only headers are read, because a pass needs nothing from the body. Pure. */
export interface WebhookHost {
  /** Display name. */
  readonly title: string
  /** The headers in which its proof may come. */
  readonly signedBy: readonly string[]
  event(headers: Headers): Delivery
  /** The proofs in the headers, any of which is enough. Empty if there is none in this host's format. */
  proofs(headers: Headers): readonly Proof[]
  /** Whether connection tests come without a proof. Such a ping is answered and starts no pass. */
  readonly pingsUnsigned?: boolean
}

/** An HMAC of the body in lowercase hexadecimal, as hosts write it. Other spellings are refused. */
export function hexProof(header: string | null, prefix: 'sha256=' | ''): Proof[] {
  const hex = header?.startsWith(prefix) ? header.slice(prefix.length) : ''
  if (!/^[0-9a-f]{64}$/.test(hex)) return []
  return [{ kind: 'hmac', key: 'text', before: '', digest: Buffer.from(hex, 'hex') }]
}

const MOST_SIGNATURES = 8

/** See https://www.standardwebhooks.com. Ignores the timestamp, because a replay only starts another pass. */
export function standardProofs(headers: Headers): Proof[] {
  const [id, time] = [headers.get('webhook-id'), headers.get('webhook-timestamp')]
  if (!id || !time) return []
  const signatures = (headers.get('webhook-signature') ?? '').split(' ').slice(0, MOST_SIGNATURES)
  return signatures.flatMap((signature): Proof[] => {
    const base64 = signature.startsWith('v1,') ? signature.slice(3) : ''
    const digest = Buffer.from(base64, 'base64')
    if (digest.length !== 32 || digest.toString('base64') !== base64) return []
    return [{ kind: 'hmac', key: 'standard', before: `${id}.${time}.`, digest }]
  })
}
