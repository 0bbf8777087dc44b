import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type Backoff, backoffMs } from '../../api/contract/retry.ts'
import type { Notified } from '../values/notified.ts'
import type { Runtime } from '../values/runtime.ts'
import { type Notification, notificationOf } from './notification.ts'
import { type Receiver, send } from './send.ts'

const BACKOFF: Backoff = { firstMs: 1000, longestMs: 10_000 }
const MOST_ATTEMPTS = 5
const PAGE = 100

export interface ReplayInput {
  readonly receiver: Receiver
  readonly wanted: readonly Notified[]
  readonly api: Pick<RegistryApi, 'feed'>
  /** Of the feed; `undefined`: from the first event. */
  readonly cursor: string | undefined
  readonly runtime: Pick<Runtime, 'fetch' | 'now' | 'random' | 'pause' | 'signal'>
}

/** The result of a replay. `problem` is the reason why it ended early, and `cursor` where to continue. */
export interface Replayed {
  readonly sent: number
  readonly cursor: string | undefined
  readonly problem: string | null
}

/** Sends the events of the feed from a cursor again, with the same ids. Leaves the position of the receiver alone. */
export async function replay({ receiver, wanted, api, cursor, runtime }: ReplayInput): Promise<Replayed> {
  let sent = 0
  let from = cursor
  for (;;) {
    const page = await api.feed({ limit: PAGE, ...(from !== undefined && { cursor: from }) })
    for (const event of page.events) {
      const notification = notificationOf(event, wanted)
      if (notification === null) continue
      const problem = await attempts(notification, receiver, runtime)
      if (problem !== null) return { sent, cursor: from, problem }
      sent++
    }
    from = page.next_cursor ?? from
    if (!page.more) return { sent, cursor: from, problem: null }
  }
}

/** Returns the last problem if all attempts fail. */
async function attempts(
  notification: Notification,
  receiver: Receiver,
  runtime: ReplayInput['runtime'],
): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    const sent = await send(notification, receiver, runtime)
    if (sent === 'delivered') return null
    if (sent === 'gone') return 'it answered 410'
    if (attempt === MOST_ATTEMPTS) return sent.problem
    await runtime.pause(backoffMs(attempt, BACKOFF, runtime.random()), runtime.signal)
  }
}
