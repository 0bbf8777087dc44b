import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type Backoff, backoffMs } from '../../api/contract/retry.ts'
import type { PassReport } from '../state/pass-report.ts'
import type { Notified } from '../values/notified.ts'
import type { Runtime } from '../values/runtime.ts'
import { endOfFeed } from './feed-end.ts'
import { type Notification, notificationOf, notificationsOf, type SourceMark } from './notification.ts'
import { type Position, readPosition, writePosition } from './position.ts'
import { type Receiver, send } from './send.ts'

export interface NotifierInput {
  readonly receiver: Receiver
  readonly wanted: readonly Notified[]
  readonly api: Pick<RegistryApi, 'feed'>
  /** Keeps the position between processes. */
  readonly file: string
  readonly runtime: Pick<Runtime, 'fetch' | 'now' | 'random' | 'pause' | 'signal'>
  readonly warn: (message: string) => void
  readonly onAttempt?: ((receiver: string, result: 'delivered' | 'failed') => void) | undefined
}

/** Delivers the notifications of one receiver, in order, each at least once. */
export interface Notifier {
  /** Sets the position of a new receiver to the end of the feed, so that it gets no history. Never rejects. */
  begin(): Promise<void>
  /** Notes a report, and reads the feed soon if the pass changed something. */
  passed(report: PassReport): void
  /** Delivers until the signal aborts, or the receiver answers 410. */
  run(): Promise<void>
}

const BACKOFF: Backoff = { firstMs: 1000, longestMs: 300_000 }
/** Changes that people make are in the feed, and no pass reports them. */
const POLL_MS = 10_000
const PAGE = 100
/** A longer outage: later reports still find a source that is not ready. */
const MOST_PENDING = 1000

const NOTHING: Position = { cursor: null, marks: {}, pending: [] }

class Gone extends Error {}

export function createNotifier(input: NotifierInput): Notifier {
  const { receiver, wanted, api, file, runtime, warn, onAttempt } = input
  const { pause, signal } = runtime
  const insist = <T>(work: () => Promise<T>, what: string) => insistently(work, { ...runtime, warn, what })
  /** The last report of each source, while the position is unknown. */
  const early = new Map<string, PassReport>()
  let position: Position | null = null
  let saving: Promise<void> = Promise.resolve()
  let wake = () => {}

  /** Changes the position at once, and resolves when it is saved. */
  function update(change: (now: Position) => Position): Promise<void> {
    position = change(position ?? NOTHING)
    const write = () => writePosition(file, position ?? NOTHING)
    const saved = saving.then(() => insist(write, `Cannot save the position of ${receiver.name}`))
    saving = saved.catch(() => undefined)
    return saved
  }

  async function deliver(notification: Notification): Promise<void> {
    await insist(async () => {
      const sent = await send(notification, receiver, runtime)
      onAttempt?.(receiver.name, sent === 'delivered' ? 'delivered' : 'failed')
      if (sent === 'gone') throw new Gone()
      if (sent !== 'delivered') throw new Error(sent.problem)
    }, `Cannot notify ${receiver.name}`)
  }

  async function start(): Promise<void> {
    const known = await readPosition(file)
    position = known ?? { ...NOTHING, cursor: await endOfFeed(api) }
    if (known === null) await writePosition(file, position)
    for (const report of early.values()) note(report)
    early.clear()
  }

  function note(report: PassReport): void {
    const { marks, pending } = position ?? NOTHING
    const { source } = report
    const { notifications, mark } = notificationsOf(report, marks[source], wanted)
    const isKnown = marks[source] !== undefined && isSame(marks[source], mark)
    if (isKnown || pending.length + notifications.length > MOST_PENDING) return
    const change = (now: Position) => ({
      ...now,
      marks: { ...now.marks, [source]: mark },
      pending: [...now.pending, ...notifications],
    })
    // A failure is reported, and the next save repeats it.
    update(change).catch(() => undefined)
  }

  async function deliverPending(): Promise<void> {
    for (let [first] = position?.pending ?? []; first !== undefined; [first] = position?.pending ?? []) {
      await deliver(first)
      await update((now) => ({ ...now, pending: now.pending.slice(1) }))
    }
  }

  /** Returns whether more events follow. */
  async function deliverPage(): Promise<boolean> {
    const { cursor } = position ?? NOTHING
    const query = { limit: PAGE, ...(cursor !== null && { cursor }) }
    const page = await insist(() => api.feed(query), `Cannot read the events for ${receiver.name}`)
    for (const event of page.events) {
      const notification = notificationOf(event, wanted)
      if (notification !== null) await deliver(notification)
    }
    if (page.next_cursor !== cursor) await update((now) => ({ ...now, cursor: page.next_cursor }))
    return page.more
  }

  async function deliverAll(): Promise<void> {
    if (position === null) await insist(start, `Cannot begin to notify ${receiver.name}`)
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      await deliverPending()
      if (!(await deliverPage())) await rest(woken)
    }
  }

  /** Waits for the next poll, or until it is woken. */
  async function rest(woken: Promise<void>): Promise<void> {
    const end = new AbortController()
    await Promise.race([woken, pause(POLL_MS, AbortSignal.any([signal, end.signal]))])
    end.abort()
  }

  return {
    async begin() {
      // `run` repeats it, and reports a failure.
      await start().catch(() => undefined)
    },
    passed(report) {
      if (position === null) early.set(report.source, report)
      else note(report)
      // Most passes find nothing to do, and reading the feed of a remote registry costs a request.
      if (changed(report) || (position?.pending ?? []).length > 0) wake()
    },
    async run() {
      try {
        await deliverAll()
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Gone)) throw error
        warn(`${receiver.name} answered 410, so it gets no more events. Remove it from "notify", or restart.`)
      } finally {
        await saving
      }
    },
  }
}

function changed({ result }: PassReport): boolean {
  return result !== 'unchanged' && result !== 'suspended'
}

function isSame(a: SourceMark, b: SourceMark): boolean {
  return a.notReady === b.notReady && a.quarantined === b.quarantined
}

interface Insistence extends Pick<Runtime, 'pause' | 'random' | 'signal'> {
  readonly warn: (message: string) => void
  readonly what: string
}

/** Repeats `work` with backoff until it succeeds, the receiver is gone, or the signal aborts. */
async function insistently<T>(work: () => Promise<T>, insistence: Insistence): Promise<T> {
  const { pause, random, signal, warn, what } = insistence
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Gone) throw error
      const ms = backoffMs(attempt, BACKOFF, random())
      const why = (error as Error).message.replace(/\.$/, '')
      warn(`${what}: ${why}. Next attempt in ${Math.ceil(ms / 1000)} s.`)
      await pause(ms, signal)
    }
  }
}
