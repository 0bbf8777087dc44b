/** The notifications that `events` of an endpoint can name. */
export const NOTIFIED = ['released', 'rolled_back', 'revoked', 'held', 'quarantined', 'not_ready'] as const
export type Notified = (typeof NOTIFIED)[number]
