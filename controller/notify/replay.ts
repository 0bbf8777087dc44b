import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type Backoff, backoffMs } from '../../api/contract/retry.ts'
import type { Notified } from '../values/notified.ts'
import type { Runtime } from '../values/runtime.ts'
import { type Notification, notificationOf } from './notification.ts'
import { type Receiver, type SendAll, send } from './send.ts'

const BACKOFF: Backoff = { firstMs: 1000, longestMs: 10_000 }
const MOST_ATTEMPTS = 5
const PAGE = 100

export interface ReplayInput {
  readonly send: SendAll
  readonly wanted: readonly Notified[]
  readonly api: Pick<RegistryApi, 'feed'>
  /** Of the feed; `undefined`: from the first event. */
  readonly cursor: string | undefined
  readonly signal: AbortSignal
}

/** The result of a replay. `problem` is the reason why it ended early, and `cursor` where to continue. */
export interface Replayed {
  readonly sent: number
  readonly cursor: string | undefined
  readonly problem: string | null
}

/** Sends the events of the feed from a cursor again, with the same ids. Leaves the position of the receiver alone. */
export async function replay({ send, wanted, api, cursor, signal }: ReplayInput): Promise<Replayed> {
  let sent = 0
  let from = cursor
  for (;;) {
    const page = await api.feed({ limit: PAGE, ...(from !== undefined && { cursor: from }) })
    const notifications = page.events.flatMap((event) => notificationOf(event, wanted) ?? [])
    const { accepted, problem } = await send(notifications, signal)
    sent += accepted
    if (problem !== null) return { sent, cursor: from, problem }
    from = page.next_cursor ?? from
    if (!page.more) return { sent, cursor: from, problem: null }
  }
}

/** Sends to a webhook, in order. */
export function webhookSender(receiver: Receiver, runtime: Omit<SendRuntime, 'signal'>): SendAll {
  return async (notifications, signal) => {
    for (const [accepted, notification] of notifications.entries()) {
      const problem = await attempts(notification, receiver, { ...runtime, signal })
      if (problem !== null) return { accepted, problem }
    }
    return { accepted: notifications.length, problem: null }
  }
}

type SendRuntime = Pick<Runtime, 'fetch' | 'now' | 'random' | 'pause' | 'signal'>

/** Returns the last problem if all attempts fail. */
async function attempts(
  notification: Notification,
  receiver: Receiver,
  runtime: SendRuntime,
): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    const sent = await send(notification, receiver, runtime)
    if (sent === 'delivered') return null
    if (sent === 'gone') return 'it answered 410'
    if (attempt === MOST_ATTEMPTS) return sent.problem
    await runtime.pause(backoffMs(attempt, BACKOFF, runtime.random()), runtime.signal)
  }
}
