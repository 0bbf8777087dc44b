import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { PassReport } from '../state/pass-report.ts'
import { NOTIFIED } from '../values/notified.ts'
import { endOfFeed } from './feed-end.ts'
import { type Notification, notificationOf, notificationsOf } from './notification.ts'
import type { Position } from './position.ts'
import type { SendAll } from './send.ts'

/** Keeps a position that several processes may change at once. */
export interface Positions {
  /** `null` before the first `update`. */
  read(): Promise<Position | null>
  /** Applies the change to the newest position. */
  update(change: (now: Position) => Position, start: Position): Promise<void>
}

export interface PublisherInput {
  readonly api: Pick<RegistryApi, 'feed'>
  readonly positions: Positions
  readonly send: SendAll
}

/**
 * Sends the notifications of a process that lives for one invocation. Each is sent at least once: the position moves
 * after the receiver has accepted them, and the next invocation continues there.
 */
export interface Publisher {
  /** Sends the events of the feed since the last time. The first time, only notes where it ends. */
  publish(signal: AbortSignal): Promise<void>
  /** Sends what reports call for. */
  passed(reports: readonly PassReport[], signal: AbortSignal): Promise<void>
}

const PAGE = 100

export function createPublisher({ api, positions, send }: PublisherInput): Publisher {
  async function started(): Promise<Position> {
    const known = await positions.read()
    if (known !== null) return known
    const start: Position = { cursor: await endOfFeed(api), marks: {}, pending: [] }
    await positions.update((now) => now, start)
    return start
  }

  async function deliver(notifications: readonly Notification[], signal: AbortSignal): Promise<void> {
    const { accepted, problem } = await send(notifications, signal)
    if (problem === null) return
    const left = notifications.length - accepted
    throw new Error(`${left} ${left === 1 ? 'event was' : 'events were'} not accepted (${problem}).`)
  }

  return {
    async publish(signal) {
      const start = await started()
      let { cursor } = start
      for (let more = true; more && !signal.aborted; ) {
        const page = await api.feed({ limit: PAGE, ...(cursor !== null && { cursor }) })
        await deliver(
          page.events.flatMap((event) => notificationOf(event, NOTIFIED) ?? []),
          signal,
        )
        const next = page.next_cursor
        if (next !== cursor) await positions.update((now) => ({ ...now, cursor: next }), start)
        cursor = next
        more = page.more
      }
    },
    async passed(reports, signal) {
      const start = await started()
      const found = reports.map((report) => ({
        source: report.source,
        before: start.marks[report.source],
        ...notificationsOf(report, start.marks[report.source]),
      }))
      await deliver(
        found.flatMap(({ notifications }) => notifications),
        signal,
      )
      const moved = found.filter(({ before, mark }) => JSON.stringify(before) !== JSON.stringify(mark))
      const marks = Object.fromEntries(moved.map(({ source, mark }) => [source, mark]))
      if (moved.length > 0)
        await positions.update((now) => ({ ...now, marks: { ...now.marks, ...marks } }), start)
    },
  }
}
