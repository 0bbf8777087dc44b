import { hexProof, standardProofs, type WebhookHost } from '../host.ts'

/** Whatever can sign, such as a post-receive hook with openssl and curl, or Standard Webhooks: every delivery counts. */
export const generic: WebhookHost = {
  title: 'any sender',
  signedBy: 'X-Hub-Signature-256 or webhook-signature',
  event: () => 'moved',
  proofs: (headers) => [
    ...hexProof(headers.get('x-hub-signature-256'), 'sha256='),
    ...standardProofs(headers),
  ],
}
