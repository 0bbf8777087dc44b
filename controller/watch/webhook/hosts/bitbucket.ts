import { type Delivery, hexProof, type WebhookHost } from '../host.ts'

const EVENTS: Readonly<Record<string, Delivery>> = {
  // Cloud
  'repo:push': 'moved',
  // Data Center and Server, and their mirrors
  'repo:refs_changed': 'moved',
  'mirror:repo_synchronized': 'moved',
  'diagnostics:ping': 'ping',
}

/** Bitbucket Cloud, Data Center and Server, which differ only in their events. "Test connection" is not signed. */
export const bitbucket: WebhookHost = {
  title: 'Bitbucket',
  signedBy: ['X-Hub-Signature'],
  pingsUnsigned: true,
  event: (headers) => EVENTS[headers.get('x-event-key') ?? ''] ?? 'other',
  proofs: (headers) => hexProof(headers.get('x-hub-signature'), 'sha256='),
}
