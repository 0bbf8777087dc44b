import { repositoryHost } from '../../source/repository-address.ts'
import type { WebhookHost } from './host.ts'
import { bitbucket } from './hosts/bitbucket.ts'
import { generic } from './hosts/generic.ts'
import { gitea } from './hosts/gitea.ts'
import { github } from './hosts/github.ts'
import { gitlab } from './hosts/gitlab.ts'

/** Who makes deliveries, by the name that a configuration gives it. */
export const WEBHOOK_HOSTS = {
  github,
  gitlab,
  gitea,
  forgejo: gitea,
  bitbucket,
  generic,
} as const satisfies Record<string, WebhookHost>

export type WebhookHostName = keyof typeof WEBHOOK_HOSTS
export const WEBHOOK_HOST_NAMES = Object.keys(WEBHOOK_HOSTS) as WebhookHostName[]

const NAMED_OTHERWISE: Readonly<Record<string, WebhookHostName>> = {
  'codeberg.org': 'gitea',
  'ghe.com': 'github',
}

/**
 * The host that a repository's address speaks of, such as `gitlab` for gitlab.example.com; else `generic`. Never told
 * by a delivery: its sender would choose how it is checked.
 */
export function presumedHost(repository: string): WebhookHostName {
  const host = repositoryHost(repository) ?? ''
  const named = host.split('.').find((part) => WEBHOOK_HOST_NAMES.includes(part as WebhookHostName))
  if (named !== undefined) return named as WebhookHostName
  const [, other] =
    Object.entries(NAMED_OTHERWISE).find(([name]) => host === name || host.endsWith(`.${name}`)) ?? []
  return other ?? 'generic'
}
