import { standardProofs, type WebhookHost } from '../host.ts'

const MOVING = ['Push Hook', 'Tag Push Hook']

/**
 * See https://docs.gitlab.com/user/project/integrations/webhooks. The secret token is sent in plain; a signing
 * token, in newer versions, signs as in Standard Webhooks. The test delivery is a regular event.
 */
export const gitlab: WebhookHost = {
  title: 'GitLab',
  signedBy: ['X-Gitlab-Token', 'webhook-signature'],
  event: (headers) => (MOVING.includes(headers.get('x-gitlab-event') ?? '') ? 'moved' : 'other'),
  proofs(headers) {
    const token = headers.get('x-gitlab-token')
    return [...standardProofs(headers), ...(token === null ? [] : [{ kind: 'token', token } as const])]
  },
}
