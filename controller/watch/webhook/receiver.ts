import type { ErrorCode, ErrorDocument } from '../../../api/contract/errors.ts'
import type { WebhookHost } from './host.ts'
import { type Signature, signatureIn } from './signature.ts'
import { startVerification } from './verification.ts'

/** How to check the deliveries for one source. */
export interface WebhookEndpoint {
  readonly host: WebhookHost
  /** One, or two during rotation. */
  readonly secrets: readonly string[]
}

export interface ReceiverParts {
  /** By source name. */
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>
  /** Requests a pass without waiting for it. Returns `false` if the watch has stopped. */
  readonly hint: (source: string) => boolean | Promise<boolean>
  /** Called for each refused delivery. */
  readonly onRefused?: ((refused: RefusedDelivery) => void) | undefined
}

/** Why a delivery was refused. */
export interface RefusedDelivery extends Refusal {
  /** `null` if the address takes no webhooks. */
  readonly source: string | null
}

interface Refusal {
  readonly status: number
  readonly sentence: string
}

/** Answers a request. Never rejects. */
export type WebhookReceiver = (request: Request) => Promise<Response>

/** Path prefix of deliveries, before the source name. */
export const WEBHOOK_PREFIX = '/webhooks/'

/** GitHub's own limit. Bodies are not kept in memory, so many large ones at once do no harm. */
const MOST_BYTES = 25 * 1024 * 1024

/**
 * `POST /webhooks/{source}`. A delivery with a valid signature only requests a pass. Its body is never read, so a repeated or
 * late delivery does no harm.
 */
export function createWebhookReceiver(parts: ReceiverParts): WebhookReceiver {
  return async (request) => {
    try {
      return await receive(request, parts)
    } catch {
      return refusal(
        500,
        'internal',
        'The delivery could not be processed. The next scheduled pass will pick up the change.',
      )
    }
  }
}

async function receive(
  request: Request,
  { endpoints, hint, onRefused = () => {} }: ReceiverParts,
): Promise<Response> {
  if (request.method !== 'POST') {
    const sentence = 'Send webhook deliveries with POST.'
    return refusal(405, 'method_not_allowed', sentence, { allow: 'POST' })
  }
  const { pathname } = new URL(request.url)
  if (!pathname.startsWith(WEBHOOK_PREFIX)) {
    return refusal(404, 'not_found', `Webhooks are taken at ${WEBHOOK_PREFIX}<source> alone.`)
  }
  const source = pathname.slice(WEBHOOK_PREFIX.length)
  const endpoint = endpoints.get(source)
  const signature = signatureIn(request.headers)
  if (signature.kind === 'unsigned_ping') return accepted(200, 'pong')
  const refused = await check(request, signature, endpoint)
  if (refused !== undefined) {
    onRefused({ source: endpoint === undefined ? null : source, ...refused })
    return answerOf(refused)
  }
  const event = endpoint?.host.event(request.headers)
  if (event === 'ping') return accepted(200, 'pong')
  if (event !== 'moved') return accepted(202, 'ignored')
  if (await hint(source)) return accepted(202, 'accepted')
  const sentence = 'The controller is stopping. It checks every repository when it starts again.'
  return refusal(503, 'unavailable', sentence, { 'retry-after': '60' })
}

/**
 * Why the delivery is refused, if it is. A source that is not there goes the same way as one whose secret is another:
 * with the same answer, after the same reading and hashing.
 */
async function check(
  request: Request,
  signature: Exclude<Signature, { kind: 'unsigned_ping' }>,
  endpoint: WebhookEndpoint | undefined,
): Promise<Refusal | undefined> {
  if (signature.kind === 'none')
    return unauthorized('The delivery has no signature. Set the secret of its source in the webhook.')
  if (signature.kind === 'malformed')
    return unauthorized(
      `The signature in ${signature.header} is malformed. Send it as your git host does, with every digit.`,
    )
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return tooLarge()
  const proofs = endpoint?.host.proofs(request.headers) ?? []
  const isProvable = proofs.length > 0
  const verification = startVerification(
    isProvable ? proofs : signature.proofs,
    isProvable ? (endpoint?.secrets ?? []) : NOBODYS_SECRET,
  )
  try {
    let size = 0
    for await (const part of request.body ?? []) {
      size += part.byteLength
      if (size > MOST_BYTES) return tooLarge()
      verification.update(part)
    }
  } catch {
    return { status: 400, sentence: 'The body is incomplete. Send it again.' }
  }
  if (verification.holds() && isProvable) return undefined
  return unauthorized(
    'The signature is invalid, or no webhook is taken at this address. Check the address, and set the same secret in the webhook and in the controller.',
  )
}

/** So that there is something to hash with; anything signed with it is refused. */
const NOBODYS_SECRET: readonly string[] = ['']

function accepted(status: number, word: 'pong' | 'ignored' | 'accepted'): Response {
  return json(status, { status: word })
}

function unauthorized(sentence: string): Refusal {
  return { status: 401, sentence }
}

function tooLarge(): Refusal {
  return { status: 413, sentence: `A delivery has at most ${MOST_BYTES} bytes.` }
}

function answerOf({ status, sentence }: Refusal): Response {
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
