import { createHmac } from 'node:crypto'
import examples from '@octokit/webhooks-examples' with { type: 'json' }
import type { WebhookHostName } from '../../controller/values/webhook-host-names.ts'

/** A delivery as sent by a host. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Payloads of one kind of event, by host. */
export interface HostDeliveries {
  readonly moved: readonly (readonly [string, (secret: string) => Delivery])[]
  readonly ping?: (secret: string) => Delivery
  readonly other?: (secret: string) => Delivery
}

const JSON_TYPE = { 'content-type': 'application/json' }

export function hmac(secret: string | Uint8Array, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(body).digest()
}

function bytes(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document))
}

/** Every real payload of this event in the examples. */
export function githubPayloads(event: string): readonly unknown[] {
  return (examples as unknown as { name: string; examples: unknown[] }[])
    .filter(({ name }) => name === event)
    .flatMap((definition) => definition.examples)
}

/** All event types of GitHub. */
export function githubEvents(): readonly string[] {
  return (examples as unknown as { name: string }[]).map(({ name }) => name)
}

export function githubDelivery(event: string, payload: unknown, secret: string): Delivery {
  const body = bytes(payload)
  return {
    body,
    headers: {
      ...JSON_TYPE,
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-github-event': event,
      'x-github-hook-id': '292430182',
      'x-hub-signature-256': `sha256=${hmac(secret, body).toString('hex')}`,
    },
  }
}

function github(event: string): (secret: string) => Delivery {
  const [payload] = githubPayloads(event)
  return (secret) => githubDelivery(event, payload, secret)
}

const COMMIT = 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7'
const NONE = '0'.repeat(40)

function gitlab(event: string, object_kind: string, ref: string, headers: Record<string, string> = {}) {
  const body = bytes({
    object_kind,
    event_name: object_kind,
    before: NONE,
    after: COMMIT,
    ref,
    checkout_sha: COMMIT,
    user_username: 'jsmith',
    project_id: 15,
    project: { id: 15, path_with_namespace: 'acme/prompts', default_branch: 'main' },
    commits: [],
    total_commits_count: 0,
  })
  return (secret: string): Delivery => ({
    body,
    headers: {
      ...JSON_TYPE,
      'user-agent': 'GitLab/18.2.0',
      'x-gitlab-event': event,
      'x-gitlab-instance': 'https://gitlab.com',
      'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
      'x-gitlab-token': secret,
      ...headers,
    },
  })
}

/** Signs like GitLab with a signing token, following Standard Webhooks. */
export function standard(delivery: (secret: string) => Delivery): (secret: string) => Delivery {
  return (secret) => {
    const { body, headers } = delivery('')
    const { 'x-gitlab-token': _, 'x-hub-signature-256': __, ...others } = headers
    const [id, time] = ['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', '1674087231']
    const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret
    const signature = hmac(key, Buffer.concat([Buffer.from(`${id}.${time}.`), body])).toString('base64')
    const unknown = `v1a,${'A'.repeat(86)}==`
    return {
      body,
      headers: {
        ...others,
        'webhook-id': id,
        'webhook-timestamp': time,
        'webhook-signature': `${unknown} v1,${signature}`,
      },
    }
  }
}

function gitea(name: 'gitea' | 'forgejo', event: string) {
  const body = bytes({
    ref: event === 'push' ? 'refs/heads/main' : 'v1.0.0',
    ref_type: event === 'push' ? undefined : 'tag',
    before: NONE,
    after: COMMIT,
    commits: [],
    repository: { id: 140, full_name: 'acme/prompts', default_branch: 'main' },
    pusher: { login: 'acme' },
  })
  return (secret: string): Delivery => {
    const hex = hmac(secret, body).toString('hex')
    const names = name === 'gitea' ? ['Gitea', 'Gogs', 'GitHub'] : ['Forgejo', 'Gitea', 'Gogs', 'GitHub']
    const events = names.map((title) => [`x-${title.toLowerCase()}-event`, event])
    const signatures = names
      .filter((title) => title !== 'GitHub')
      .map((title) => [`x-${title.toLowerCase()}-signature`, hex])
    return {
      body,
      headers: {
        ...JSON_TYPE,
        ...Object.fromEntries([...events, ...signatures]),
        'x-hub-signature-256': `sha256=${hex}`,
      },
    }
  }
}

function bitbucket(event: string, payload: unknown) {
  const body = bytes(payload)
  return (secret: string): Delivery => ({
    body,
    headers: {
      ...JSON_TYPE,
      'user-agent': 'Bitbucket-Webhooks/2.0',
      'x-event-key': event,
      'x-hub-signature': `sha256=${hmac(secret, body).toString('hex')}`,
    },
  })
}

const CLOUD_PUSH = {
  push: { changes: [{ new: { type: 'tag', name: 'v1.0.0', target: { hash: COMMIT } }, old: null }] },
  repository: { type: 'repository', full_name: 'acme/prompts' },
}
const SERVER_PUSH = {
  eventKey: 'repo:refs_changed',
  date: '2026-09-19T09:58:11+1000',
  repository: { slug: 'prompts', project: { key: 'ACME' } },
  changes: [{ ref: { id: 'refs/heads/main' }, fromHash: NONE, toHash: COMMIT, type: 'UPDATE' }],
}

function generic(secret: string): Delivery {
  const body = Buffer.from('refs/heads/main\n')
  const signature = `sha256=${hmac(secret, body).toString('hex')}`
  return { body, headers: { 'content-type': 'text/plain', 'x-hub-signature-256': signature } }
}

/** "Test connection" of Bitbucket Server, which is not signed. */
export const unsignedPing: Delivery = {
  body: Buffer.from('{"test": true}'),
  headers: { ...JSON_TYPE, 'x-event-key': 'diagnostics:ping' },
}

const gitlabPush = gitlab('Push Hook', 'push', 'refs/heads/main')

export const DELIVERIES: Readonly<Record<WebhookHostName, HostDeliveries>> = {
  github: {
    moved: (['push', 'create', 'delete'] as const).map((event) => [event, github(event)] as const),
    ping: github('ping'),
    other: github('issues'),
  },
  gitlab: {
    moved: [
      ['push', gitlabPush],
      ['tag', gitlab('Tag Push Hook', 'tag_push', 'refs/tags/v1.0.0')],
      ['signed push', standard(gitlabPush)],
    ],
    other: gitlab('Merge Request Hook', 'merge_request', ''),
  },
  gitea: {
    moved: (['push', 'create', 'delete'] as const).map((event) => [event, gitea('gitea', event)] as const),
    other: gitea('gitea', 'issues'),
  },
  forgejo: {
    moved: (['push', 'create', 'delete'] as const).map((event) => [event, gitea('forgejo', event)] as const),
    other: gitea('forgejo', 'issues'),
  },
  bitbucket: {
    moved: [
      ['cloud push', bitbucket('repo:push', CLOUD_PUSH)],
      ['server push', bitbucket('repo:refs_changed', SERVER_PUSH)],
      ['mirror', bitbucket('mirror:repo_synchronized', SERVER_PUSH)],
    ],
    ping: bitbucket('diagnostics:ping', { test: true }),
    other: bitbucket('pullrequest:created', { pullrequest: { id: 1 } }),
  },
  generic: {
    moved: [
      ['HMAC', generic],
      ['Standard Webhooks', standard(generic)],
    ],
  },
}
