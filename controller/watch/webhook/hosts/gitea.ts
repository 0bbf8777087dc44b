import { hexProof, type WebhookHost } from '../host.ts'

const MOVING = ['push', 'create', 'delete']

/**
 * See https://docs.gitea.com/usage/repository/webhooks and https://forgejo.org/docs/latest/user/webhooks. Forgejo
 * sends its own headers and Gitea's. Their test delivery is a push.
 */
export const gitea: WebhookHost = {
  title: 'Gitea or Forgejo',
  signedBy: ['X-Gitea-Signature', 'X-Forgejo-Signature'],
  event(headers) {
    const event = headers.get('x-forgejo-event') ?? headers.get('x-gitea-event') ?? ''
    return MOVING.includes(event) ? 'moved' : 'other'
  },
  proofs: (headers) => hexProof(headers.get('x-forgejo-signature') ?? headers.get('x-gitea-signature'), ''),
}
