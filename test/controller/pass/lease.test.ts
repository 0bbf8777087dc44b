import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import type { LeaseRequest, RegistryApi } from '../../../api/contract/registry-api.ts'
import { type LeaseOptions, withLease } from '../../../controller/pass/lease.ts'

type Answer = (request: LeaseRequest) => { token: number } | Error

/** A registry that only handles leases, by `answer`, and its requests. */
function leasing(answer: Answer) {
  const requests: LeaseRequest[] = []
  const lease = async (name: string, request: LeaseRequest) => {
    requests.push(request)
    const given = answer(request)
    if (given instanceof Error) throw given
    return { name, lease: request.release ? null : { holder: request.holder, expires_at: '', ...given } }
  }
  return { requests, api: { lease } as unknown as RegistryApi }
}

function options(api: RegistryApi, different: Partial<LeaseOptions> = {}): LeaseOptions {
  return {
    api,
    source: 'demo',
    holder: 'me',
    ttlSeconds: 60,
    patienceMs: 2000,
    pause: async () => {},
    ...different,
  }
}

const held = new RegistryError('lease_held', 'The source "demo" is being written by somebody else.')
const free: Answer = () => ({ token: 5 })

describe('the lease of a source', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is acquired, passed to the work, and released at the end', async () => {
    const { api, requests } = leasing(free)
    const result = await withLease(options(api), async (token) => `done with ${token}`)
    expect(result).toBe('done with 5')
    expect(requests).toEqual([
      { holder: 'me', ttl_seconds: 60 },
      { holder: 'me', token: 5, release: true },
    ])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(requests).toHaveLength(2)
  })

  it('is released when the work fails, and the error is passed on', async () => {
    const { api, requests } = leasing((request) => (request.release ? new Error('gone') : { token: 5 }))
    await expect(withLease(options(api), async () => Promise.reject(new Error('work')))).rejects.toThrow(
      'work',
    )
    expect(requests.at(-1)).toMatchObject({ release: true })
  })

  it('is renewed three times per TTL while the work runs', async () => {
    const { api, requests } = leasing(free)
    const signals: boolean[] = []
    await withLease(options(api), async (_token, signal) => {
      await vi.advanceTimersByTimeAsync(60_000)
      signals.push(signal.aborted)
    })
    const renewals = requests.slice(1, -1)
    expect(renewals).toEqual(Array(3).fill({ holder: 'me', ttl_seconds: 60, token: 5 }))
    expect(signals).toEqual([false])
  })

  it('that is lost aborts the work at once', async () => {
    const lost = new RegistryError('lease_lost', 'Another writer took over.')
    const { api } = leasing(({ token, release }) => (token === undefined || release ? { token: 5 } : lost))
    const working = withLease(options(api), async (_token, signal) => {
      await vi.advanceTimersByTimeAsync(20_000)
      signal.throwIfAborted()
      return 'not told'
    })
    await expect(working).rejects.toBe(lost)
  })

  it('is not lost if a renewal fails for another reason', async () => {
    const { api, requests } = leasing(({ token, release }) =>
      token === undefined || release ? { token: 5 } : new RegistryError('unavailable', 'Later.'),
    )
    const result = await withLease(options(api), async (_token, signal) => {
      await vi.advanceTimersByTimeAsync(40_000)
      return signal.aborted
    })
    expect(result).toBe(false)
    expect(requests).toHaveLength(4)
  })

  it('aborts the work when the caller stops', async () => {
    const stop = new AbortController()
    const { api } = leasing(free)
    const working = withLease(options(api, { signal: stop.signal }), async (_token, signal) => {
      stop.abort(new Error('stopped'))
      signal.throwIfAborted()
    })
    await expect(working).rejects.toThrow('stopped')
  })

  it('is waited for, and acquired as soon as it is free', async () => {
    const pauses: number[] = []
    const { api } = leasing(() => (pauses.length < 3 ? held : { token: 5 }))
    const pause = async (ms: number) => void pauses.push(ms)
    expect(await withLease(options(api, { pause }), async (token) => token)).toBe(5)
    expect(pauses).toEqual([500, 500, 500])
  })

  it('is waited for up to the timeout, and the error names the holder', async () => {
    const pauses: number[] = []
    const { api, requests } = leasing(() => held)
    const work = vi.fn(async () => undefined)
    await expect(
      withLease(options(api, { pause: async (ms) => void pauses.push(ms) }), work),
    ).rejects.toThrow('somebody else')
    expect(pauses).toEqual([500, 500, 500, 500])
    expect(requests).toHaveLength(5)
    expect(work).not.toHaveBeenCalled()
  })

  it('is not waited for if the registry fails otherwise', async () => {
    const pause = vi.fn(async () => undefined)
    const { api } = leasing(() => new RegistryError('unavailable', 'Later.'))
    await expect(withLease(options(api, { pause }), async () => undefined)).rejects.toThrow('Later.')
    expect(pause).not.toHaveBeenCalled()
  })

  it('is no longer waited for when the caller stops', async () => {
    const { api } = leasing(() => held)
    const pause = async () => Promise.reject(new Error('stopped'))
    await expect(withLease(options(api, { pause }), async () => undefined)).rejects.toThrow('stopped')
  })
})
