import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'

export interface LeaseOptions {
  readonly api: RegistryApi
  readonly source: string
  /** Names this writer. Must be unique among running writers: a holder can retake its own lease at once. */
  readonly holder: string
  readonly ttlSeconds: number
  /** How long to wait for another writer, in milliseconds. */
  readonly patienceMs: number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

const LOOK_AGAIN_MS = 500

/**
 * Runs `work` as the source's only writer, and renews the lease meanwhile. If the lease is lost, the signal of
 * `work` aborts, and the registry refuses its further writes. Rejects with `lease_held`, which names the holder,
 * if another writer does not finish in time.
 */
export async function withLease<T>(
  options: LeaseOptions,
  work: (token: number, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { api, source, holder, ttlSeconds } = options
  const token = await takeLease(options)
  const lost = new AbortController()
  const renewal = setInterval(
    () => {
      const request = { holder, ttl_seconds: ttlSeconds, token }
      api.lease(source, request).catch((error: unknown) => {
        if (error instanceof RegistryError && error.code === 'lease_lost') lost.abort(error)
      })
    },
    (ttlSeconds * 1000) / 3,
  )
  try {
    const signals = [lost.signal, options.signal].filter((signal) => signal !== undefined)
    return await work(token, AbortSignal.any(signals))
  } finally {
    clearInterval(renewal)
    // An unreleased lease expires. A failure here must not hide the result of the work.
    await api.lease(source, { holder, token, release: true }).catch(() => undefined)
  }
}

async function takeLease({
  api,
  source,
  holder,
  ttlSeconds,
  patienceMs,
  pause,
  signal,
}: LeaseOptions): Promise<number> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    try {
      const { lease } = await api.lease(source, { holder, ttl_seconds: ttlSeconds })
      if (lease === null) throw new RegistryError('internal', 'The registry returned no lease. See its log.')
      return lease.token
    } catch (error) {
      const isHeld = error instanceof RegistryError && error.code === 'lease_held'
      if (!isHeld || waited >= patienceMs) throw error
    }
    await pause(LOOK_AGAIN_MS, signal)
  }
}
