/** What a delivery tells: that a branch or tag moved, that the host tries the connection, or something else. */
export type Delivery = 'moved' | 'ping' | 'other'

/**
 * What a delivery offers as proof that its sender knows the secret: an HMAC-SHA256 of `before` and then the raw body,
 * or the secret itself.
 */
export type Proof =
  | {
      readonly kind: 'hmac'
      /** How the secret becomes the key: its UTF-8, or as Standard Webhooks has it, base64 after `whsec_`. */
      readonly key: 'text' | 'standard'
      readonly before: string
      /** 32 bytes. */
      readonly digest: Uint8Array
    }
  | { readonly kind: 'token'; readonly token: string }

/** How a host makes deliveries. Headers alone are read: nothing in a body is needed to look again. Pure. */
export interface WebhookHost {
  /** As people know it. */
  readonly title: string
  /** The header in which its proof comes, for people. */
  readonly signedBy: string
  event(headers: Headers): Delivery
  /** Any of them is enough. Empty where there is none that this host makes. */
  proofs(headers: Headers): readonly Proof[]
  /** Its connection test comes without a proof. Such a ping is answered and asks for nothing. */
  readonly pingsUnsigned?: boolean
}

/** An HMAC of the body in hexadecimal, exactly as hosts write it: other spellings of the same bytes are refused. */
export function hexProof(header: string | null, prefix: 'sha256=' | ''): Proof[] {
  const hex = header?.startsWith(prefix) ? header.slice(prefix.length) : ''
  if (!/^[0-9a-f]{64}$/.test(hex)) return []
  return [{ kind: 'hmac', key: 'text', before: '', digest: Buffer.from(hex, 'hex') }]
}

const MOST_SIGNATURES = 8

/** As https://www.standardwebhooks.com has it. Its time is not compared with ours: a replay only asks to look again. */
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
