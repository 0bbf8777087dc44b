import { type Delivery, hexProof, type WebhookHost } from '../host.ts'

const EVENTS: Readonly<Record<string, Delivery>> = {
  ping: 'ping',
  push: 'moved',
  create: 'moved',
  delete: 'moved',
  pull_request: 'moved',
}

/** See https://docs.github.com/webhooks. The older SHA-1 in `x-hub-signature` is not accepted. */
export const github: WebhookHost = {
  title: 'GitHub',
  signedBy: ['X-Hub-Signature-256'],
  event: (headers) => EVENTS[headers.get('x-github-event') ?? ''] ?? 'other',
  proofs: (headers) => hexProof(headers.get('x-hub-signature-256'), 'sha256='),
}
