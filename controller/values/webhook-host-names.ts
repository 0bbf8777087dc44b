/** The supported senders of webhooks, implemented in `controller/watch/webhook/hosts.ts`. */
export const WEBHOOK_HOST_NAMES = ['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket', 'generic'] as const

export type WebhookHostName = (typeof WEBHOOK_HOST_NAMES)[number]
