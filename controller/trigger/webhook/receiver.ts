import type { ErrorCode, ErrorDocument } from '../../../api/contract/errors.ts'
import type { WebhookHost } from './host.ts'
import { startVerification } from './verification.ts'

/** How the deliveries for one source are checked. */
export interface WebhookEndpoint {
  readonly host: WebhookHost
  /** One, or two while it is being changed. */
  readonly secrets: readonly string[]
}

export interface ReceiverParts {
  /** By name of the source. */
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>
  /** Asks for a look at the source's repository and does not wait for it; `false` where nobody looks any more. */
  readonly hint: (source: string) => boolean | Promise<boolean>
  /** Told of deliveries for a known source that are refused. */
  readonly onRefused?: ((refused: Refused) => void) | undefined
}

/** Why a delivery was refused. */
export interface Refused {
  readonly source: string
  readonly status: number
  readonly sentence: string
}

/** Answers a request. Never rejects. */
export type WebhookReceiver = (request: Request) => Promise<Response>

/** Where deliveries are taken, before the name of the source. */
export const WEBHOOK_PREFIX = '/webhooks/'

/** The most that GitHub sends. Bodies are not kept, so that many large ones at once cost no memory. */
const MOST_BYTES = 25 * 1024 * 1024

/**
 * `POST /webhooks/{source}`. A delivery whose signature holds asks to look at the repository again, and no more: what
 * is in its body is never read. So a repeated or late delivery does no harm, and what was seen is told by the
 * repository alone.
 */
export function createWebhookReceiver(parts: ReceiverParts): WebhookReceiver {
  return async (request) => {
    try {
      return await receive(request, parts)
    } catch {
      return refusal(500, 'internal', 'The delivery could not be taken; the next look by schedule will do.')
    }
  }
}

async function receive(
  request: Request,
  { endpoints, hint, onRefused = () => {} }: ReceiverParts,
): Promise<Response> {
  if (request.method !== 'POST') {
    const sentence = 'Webhooks are delivered with POST.'
    return refusal(405, 'method_not_allowed', sentence, { allow: 'POST' })
  }
  const source = sourceIn(request.url)
  const endpoint = endpoints.get(source)
  // One answer for both, so that nobody learns the names of sources.
  if (endpoint === undefined) {
    const sentence = 'No webhook is taken at this address; promptctl serve prints those that are.'
    return refusal(404, 'not_found', sentence)
  }
  const { host } = endpoint
  const event = host.event(request.headers)
  const refused = await check(request, endpoint, event === 'ping')
  if (refused !== undefined) {
    onRefused({ source, ...refused })
    return answerOf(refused)
  }
  if (event === 'ping') return accepted(200, 'pong')
  if (event === 'other') return accepted(202, 'ignored')
  if (await hint(source)) return accepted(202, 'accepted')
  const sentence = 'The controller is ending; it looks at every repository when it starts again.'
  return refusal(503, 'unavailable', sentence, { 'retry-after': '60' })
}

/** Why the delivery is refused, if it is. Reads the body only where it could be good. */
async function check(
  request: Request,
  { host, secrets }: WebhookEndpoint,
  isPing: boolean,
): Promise<Omit<Refused, 'source'> | undefined> {
  const proofs = host.proofs(request.headers)
  if (proofs.length === 0) {
    if (isPing && host.pingsUnsigned && !request.headers.has(host.signedBy)) return undefined
    return unauthorized(`The delivery has no signature in ${host.signedBy}; give the webhook its secret.`)
  }
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return tooLarge()
  const verification = startVerification(proofs, secrets)
  try {
    let size = 0
    for await (const part of request.body ?? []) {
      size += part.byteLength
      if (size > MOST_BYTES) return tooLarge()
      verification.update(part)
    }
  } catch {
    return { status: 400, sentence: 'The body ended before it was complete; send it again.' }
  }
  if (verification.holds()) return undefined
  return unauthorized(
    'The signature does not hold; give the same secret to the webhook and to the controller.',
  )
}

/** The one part of the path after the prefix; nothing else is a name. */
function sourceIn(url: string): string {
  const { pathname } = new URL(url)
  if (!pathname.startsWith(WEBHOOK_PREFIX)) return ''
  return pathname.slice(WEBHOOK_PREFIX.length)
}

function accepted(status: number, word: 'pong' | 'ignored' | 'accepted'): Response {
  return json(status, { status: word })
}

function unauthorized(sentence: string): Omit<Refused, 'source'> {
  return { status: 401, sentence }
}

function tooLarge(): Omit<Refused, 'source'> {
  return { status: 413, sentence: `A delivery has at most ${MOST_BYTES} bytes.` }
}

function answerOf({ status, sentence }: Omit<Refused, 'source'>): Response {
  if (status === 401)
    return refusal(401, 'unauthorized', sentence, { 'www-authenticate': 'Webhook-Signature' })
  return refusal(status, status === 413 ? 'too_large' : 'invalid_request', sentence)
}

function refusal(
  status: number,
  code: ErrorCode,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const document: ErrorDocument = { error: sentence, code }
  return json(status, document, headers)
}

function json(status: number, document: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(document), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}
