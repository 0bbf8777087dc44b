import { repositoryHost } from '../../source/repository-address.ts'
import { WEBHOOK_HOST_NAMES, type WebhookHostName } from '../../values/webhook-host-names.ts'
import type { WebhookHost } from './host.ts'
import { bitbucket } from './hosts/bitbucket.ts'
import { generic } from './hosts/generic.ts'
import { gitea } from './hosts/gitea.ts'
import { github } from './hosts/github.ts'
import { gitlab } from './hosts/gitlab.ts'

/** The senders of deliveries, by their name in the configuration. */
export const WEBHOOK_HOSTS = {
  github,
  gitlab,
  gitea,
  forgejo: gitea,
  bitbucket,
  generic,
} as const satisfies Record<WebhookHostName, WebhookHost>

const NAMED_OTHERWISE: Readonly<Record<string, WebhookHostName>> = {
  'codeberg.org': 'gitea',
  'ghe.com': 'github',
}

/**
 * The host in a repository's address, such as `gitlab` for gitlab.example.com; otherwise `generic`. Never taken
 * from a delivery, because its sender could then choose how it is checked.
 */
export function presumedHost(repository: string): WebhookHostName {
  const host = repositoryHost(repository) ?? ''
  const named = host.split('.').find((part) => WEBHOOK_HOST_NAMES.includes(part as WebhookHostName))
  if (named !== undefined) return named as WebhookHostName
  const [, other] =
    Object.entries(NAMED_OTHERWISE).find(([name]) => host === name || host.endsWith(`.${name}`)) ?? []
  return other ?? 'generic'
}
