import { createHmac } from 'node:crypto'

/** Signs requests by the Standard Webhooks specification, with HMAC-SHA256. */

const PREFIX = 'whsec_'
const KEY_BYTES = { least: 24, most: 64 }

/** The key of a secret `whsec_<base64>`; `null` if it is not one, or has not 24 to 64 bytes. */
export function signingKey(secret: string): Buffer | null {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = Buffer.from(base64, 'base64')
  const isBase64 = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '')
  return isBase64 && key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most ? key : null
}

/** The three headers of a request. `at`: milliseconds since the epoch, by which receivers refuse old requests. */
export function signatureHeaders(id: string, at: number, body: string, key: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}
