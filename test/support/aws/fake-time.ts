import { onTestFinished, vi } from 'vitest'
import type { AwsStoreOptions } from '../../../api/store/aws/index.ts'
import type { Clients } from './clients.ts'
import type { AwsProxy } from './proxy.ts'

/** Time that passes only while every call to AWS waits, and then jumps to the next timer. */
export interface FakeTime {
  /** For a store: clients with observed calls, and pauses in this time. */
  readonly parts: Clients & Pick<AwsStoreOptions, 'pause'>
  /** Milliseconds that passed. */
  readonly now: () => number
}

/** For one test. The proxy runs in the same process, so its delays use this time too. */
export function fakeTime({ dynamodb, s3 }: Clients, proxy: AwsProxy): FakeTime {
  let calls = 0
  /** Calls that wait at the proxy after their caller gave up. */
  let abandoned = 0
  let waiting = 0
  const passOn = () => {
    if (calls > 0 && calls === waiting - abandoned) vi.advanceTimersToNextTimer()
  }
  const soon = () => void setImmediate(passOn)
  const watch = <C extends Clients[keyof Clients]>(client: C): C => {
    const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>
    const watched = (...args: unknown[]) => {
      calls++
      return send(...args)
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'AbortError') abandoned++
          throw error
        })
        .finally(() => {
          calls--
          soon()
        })
    }
    return Object.assign(Object.create(client), { send: watched })
  }
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  proxy.onWait = () => {
    abandoned -= proxy.waiting < waiting && abandoned > 0 ? 1 : 0
    waiting = proxy.waiting
    soon()
  }
  const start = performance.now()
  onTestFinished(() => {
    proxy.onWait = null
    vi.useRealTimers()
  })
  const pause = async (ms: number, signal: AbortSignal | undefined) => {
    for (let passed = 0; passed < ms; passed++) {
      vi.advanceTimersByTime(1)
      signal?.throwIfAborted()
    }
  }
  return {
    parts: { dynamodb: watch(dynamodb), s3: watch(s3), pause },
    now: () => Math.floor(performance.now() - start),
  }
}
