import { standardProofs, type WebhookHost } from '../host.ts'

const MOVING = ['Push Hook', 'Tag Push Hook']

/**
 * https://docs.gitlab.com/user/project/integrations/webhooks: the secret token comes as it is; a signing token, which
 * newer versions have, signs as Standard Webhooks. Its test sends an event like any other.
 */
export const gitlab: WebhookHost = {
  title: 'GitLab',
  signedBy: 'X-Gitlab-Token or webhook-signature',
  event: (headers) => (MOVING.includes(headers.get('x-gitlab-event') ?? '') ? 'moved' : 'other'),
  proofs(headers) {
    const token = headers.get('x-gitlab-token')
    return [...standardProofs(headers), ...(token === null ? [] : [{ kind: 'token', token } as const])]
  },
}
