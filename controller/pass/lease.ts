import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'

export interface LeaseOptions {
  readonly api: RegistryApi
  readonly source: string
  /** Names this writer. The same name takes its own lease over at once, so it must be unique among living writers. */
  readonly holder: string
  readonly ttlSeconds: number
  /** How long to wait for another writer, in milliseconds. */
  readonly patienceMs: number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

const LOOK_AGAIN_MS = 500

/**
 * Runs `work` as the source's one writer. The lease is renewed while it runs; where that fails `work` is told by its
 * signal, and the registry refuses whatever it still writes. Rejects with `lease_held`, which names the holder,
 * where another writer does not finish in time.
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
    // An unreleased lease ends by time; its failure must not hide what the work came to.
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
      if (lease === null) throw new RegistryError('internal', 'The registry gave no lease; see its log.')
      return lease.token
    } catch (error) {
      const isHeld = error instanceof RegistryError && error.code === 'lease_held'
      if (!isHeld || waited >= patienceMs) throw error
    }
    await pause(LOOK_AGAIN_MS, signal)
  }
}
