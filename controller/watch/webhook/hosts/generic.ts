import { hexProof, standardProofs, type WebhookHost } from '../host.ts'

/** Any sender that can sign, such as a post-receive hook or Standard Webhooks. Every delivery counts as a move. */
export const generic: WebhookHost = {
  title: 'any sender',
  signedBy: ['X-Hub-Signature-256', 'webhook-signature'],
  event: () => 'moved',
  proofs: (headers) => [
    ...hexProof(headers.get('x-hub-signature-256'), 'sha256='),
    ...standardProofs(headers),
  ],
}
