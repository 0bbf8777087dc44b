/** Remaining requests, as GitHub counts them. Tests set `remaining`. */
export interface Bucket {
  limit: number
  remaining: number
  /** Seconds since the epoch. */
  reset: number
}

export type Buckets = Record<'core' | 'graphql', Bucket>

export function fullBuckets(now: number): Buckets {
  const full = () => ({ limit: 5000, remaining: 5000, reset: Math.floor(now / 1000) + 3600 })
  return { core: full(), graphql: full() }
}

export function quotaHeaders(resource: keyof Buckets, { limit, remaining, reset }: Bucket) {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-used': String(limit - remaining),
    'x-ratelimit-resource': resource,
  }
}
