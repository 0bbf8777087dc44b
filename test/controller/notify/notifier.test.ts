import { once } from 'node:events'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { apiOf } from '../../../controller/cli/embedded.ts'
import type { Notification } from '../../../controller/notify/notification.ts'
import { createNotifier } from '../../../controller/notify/notifier.ts'
import { replay, webhookSender } from '../../../controller/notify/replay.ts'
import { signingKey } from '../../../controller/notify/webhook-signature.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { NOTIFIED, type Notified } from '../../../controller/values/notified.ts'
import { type ReceivedWebhook, startWebhookReceiver } from '../../support/webhook-receiver.ts'
import { openEmbedded } from '../cli/cli-under-test.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const NOW = Date.now()

interface Running {
  readonly passed: (report: PassReport) => void
  readonly warnings: readonly string[]
  readonly pauses: readonly number[]
  readonly ended: Promise<void>
  /** Resolves when it next waits for events. */
  nextIdle(): Promise<void>
  stop(): Promise<void>
}

/** A registry, and a folder in which a notifier keeps its position. */
async function world() {
  const registry = openEmbedded(':memory:')
  onTestFinished(() => registry.close())
  const api = apiOf(registry, 'ada')
  const file = join(await mkdtemp(join(tmpdir(), 'notifier-')), 'state', 'position.json')
  const release = async (id: string, version: string) => {
    await api.push({ prompt_id: id, version, content: `${id} ${version}` })
    await api.promote(id, { version })
  }
  return { api, file, release, key: signingKey(SECRET) ?? Buffer.alloc(0) }
}

type World = Awaited<ReturnType<typeof world>>

/** Runs a notifier. Backoff takes no time, and the wait for the next poll does not end by itself. */
async function start({ api, file, key }: World, url: string, wanted: readonly Notified[] = NOTIFIED) {
  const stop = new AbortController()
  const [warnings, pauses]: [string[], number[]] = [[], []]
  let idle = () => {}
  const notifier = createNotifier({
    ...{ api, file, wanted },
    receiver: { url: `${url}/hooks/secret-path?key=hidden`, name: new URL(url).host, key },
    warn: (message) => warnings.push(message),
    runtime: {
      ...{ fetch, now: () => NOW, random: () => 0.999, signal: stop.signal },
      pause: async (ms, signal) => {
        if (ms === 10_000) {
          idle()
          return await untilAborted(signal)
        }
        pauses.push(ms)
        await new Promise(setImmediate)
        signal?.throwIfAborted()
      },
    },
  })
  await notifier.begin()
  const ended = notifier.run()
  const running: Running = {
    ...{ warnings, pauses, ended, passed: notifier.passed },
    nextIdle: () =>
      new Promise((resolve) => {
        idle = resolve
      }),
    async stop() {
      stop.abort(new Error('stopped by the test'))
      await ended
    },
  }
  onTestFinished(() => running.stop())
  return running
}

function untilAborted(signal?: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

/** The notification in a request, if its signature holds. */
function verified({ body, headers }: ReceivedWebhook): Notification {
  return new Webhook(SECRET).verify(body, headers as Record<string, string>) as Notification
}

const REPORT: PassReport = {
  ...{ source: 'demo', result: 'synced', kind: 'changes', commit: 'c', message: null, cause: null },
  ...{ started_at: '2026-01-01T00:00:00.000Z', finished_at: '2026-01-01T00:00:01.000Z' },
  ...{ counts: {}, findings: [], news: [] },
}
const NOT_READY: PassReport = { ...REPORT, result: 'failed', counts: { pass_failed: 1 }, message: 'No host.' }

describe('a notifier', () => {
  test('sends a release as a signed CloudEvent', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    const running = await start(there, receiver.url)
    await there.release('triage', '1.0.0')
    running.passed(REPORT)
    const [request] = await receiver.until(1)
    expect(request?.path).toBe('/hooks/secret-path?key=hidden')
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    const notification = verified(request as ReceivedWebhook)
    const { events } = await there.api.events('triage')
    const event = events.find(({ type }) => type === 'promoted')
    expect(notification).toEqual({
      specversion: '1.0',
      id: event?.id,
      source: '/prompts',
      type: 'prompt-registry.prompt.released',
      subject: 'triage',
      time: event?.at,
      datacontenttype: 'application/json',
      data: expect.objectContaining({ prompt_id: 'triage', actor: 'ada', to: '1.0.0' }),
    })
    expect(request?.headers['webhook-id']).toBe(notification.id)
  })

  test('retries with backoff under the same id until the receiver accepts it, and then sends the next', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver([500, 503, 302], { location: 'http://127.0.0.1:1/' })
    const running = await start(there, receiver.url)
    await there.release('a', '1.0.0')
    await there.release('b', '1.0.0')
    running.passed(REPORT)
    const requests = await receiver.until(5)
    expect(requests.map((one) => verified(one).subject)).toEqual(['a', 'a', 'a', 'a', 'b'])
    expect(new Set(requests.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(running.pauses).toEqual([1000, 1999, 3998])
    expect(running.warnings.map((line) => /it answered \d+/.exec(line)?.[0])).toEqual([
      'it answered 500',
      'it answered 503',
      'it answered 302',
    ])
    expect(running.warnings[0]).toMatch(
      /^Cannot notify 127\.0\.0\.1:\d+: it answered 500\. Next attempt in 1 s\.$/,
    )
  })

  test('sends a new receiver no history, and after a restart what happened meanwhile', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    await there.release('old', '1.0.0')
    const first = await start(there, receiver.url)
    await there.release('new', '1.0.0')
    first.passed(REPORT)
    await receiver.until(1)
    await first.nextIdle()
    await first.stop()
    await there.release('meanwhile', '1.0.0')
    await start(there, receiver.url)
    const requests = await receiver.until(2)
    expect(requests.map((one) => verified(one).subject)).toEqual(['new', 'meanwhile'])
  })

  test('sends an event again if it was killed before it saved its position', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    const first = await start(there, receiver.url)
    const before = await readFile(there.file, 'utf8')
    await there.release('a', '1.0.0')
    first.passed(REPORT)
    await receiver.until(1)
    await first.stop()
    await writeFile(there.file, before)
    await start(there, receiver.url)
    const [one, two] = (await receiver.until(2)).map(verified)
    expect(two).toEqual(one)
  })

  test('keeps a notification about a source for a receiver that is down, also when the source recovers', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    const down = await start(there, await closedUrl())
    down.passed(NOT_READY)
    down.passed(REPORT)
    while (down.warnings.length === 0) await new Promise(setImmediate)
    await down.stop()
    await start(there, receiver.url)
    const [request] = await receiver.until(1)
    expect(verified(request as ReceivedWebhook)).toMatchObject({
      type: 'prompt-registry.source.not_ready',
      subject: 'demo',
      data: { reason: 'Failed', message: 'No host.' },
    })
  })

  test('sends only the wanted events', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    const running = await start(there, receiver.url, ['revoked', 'rolled_back', 'held'])
    await there.release('a', '1.0.0')
    await there.release('a', '1.1.0')
    await there.api.rollback('a', { reason: 'worse', hold: 'none' })
    await there.api.hold('a', { reason: 'holiday' })
    await there.api.revoke('a', { version: '1.1.0', reason: 'leak' })
    running.passed(NOT_READY)
    const requests = (await receiver.until(3)).map(verified)
    expect(requests.map(({ type, data }) => [type, data.reason])).toEqual([
      ['prompt-registry.prompt.rolled_back', 'worse'],
      ['prompt-registry.prompt.held', 'holiday'],
      ['prompt-registry.prompt.revoked', 'leak'],
    ])
  })

  test('stops for a receiver that answers 410', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver([410])
    const running = await start(there, receiver.url)
    await there.release('a', '1.0.0')
    running.passed(REPORT)
    await running.ended
    expect(receiver.received).toHaveLength(1)
    expect(running.warnings).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ answered 410, /)])
  })

  test('names only the host of the receiver in warnings', async () => {
    const there = await world()
    const running = await start(there, await closedUrl())
    running.passed(NOT_READY)
    while (running.warnings.length < 2) await new Promise(setImmediate)
    const text = running.warnings.join('\n')
    expect(text).toMatch(/^Cannot notify 127\.0\.0\.1:\d+: it is unreachable \(ECONNREFUSED\)/)
    for (const hidden of ['secret-path', 'hidden', SECRET, SECRET.slice(6)])
      expect(text).not.toContain(hidden)
    expect((await readFile(there.file, 'utf8')).includes('hidden')).toBe(false)
  })

  test('begins when the registry answers again', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver()
    await there.release('old', '1.0.0')
    let failures = 3
    const feed: RegistryApi['feed'] = async (...query) => {
      if (failures-- > 0) throw new Error('It is busy.')
      return await there.api.feed(...query)
    }
    const running = await start({ ...there, api: { ...there.api, feed } }, receiver.url)
    running.passed(NOT_READY)
    const [request] = await receiver.until(1)
    expect(verified(request as ReceivedWebhook).type).toBe('prompt-registry.source.not_ready')
    expect(running.warnings[0]).toMatch(/^Cannot begin to notify .+: It is busy\. Next attempt in 1 s\.$/)
  })
})

describe('a replay', () => {
  test('sends the events after a cursor again, with their ids', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver([500])
    await there.release('a', '1.0.0')
    const { next_cursor } = await there.api.feed()
    await there.release('b', '1.0.0')
    await there.release('c', '1.0.0')
    const replayed = await replay({
      ...{ api: there.api, wanted: NOTIFIED, cursor: next_cursor ?? undefined },
      send: webhookSender({ url: receiver.url, name: 'x', key: there.key }, runtimeOf()),
      signal: runtimeOf().signal,
    })
    expect(replayed).toMatchObject({ sent: 2, problem: null })
    expect(receiver.received.map((one) => verified(one).subject)).toEqual(['b', 'b', 'c'])
  })

  test('ends after five attempts, with the cursor from which to continue', async () => {
    const there = await world()
    const receiver = await startWebhookReceiver([500, 500, 500, 500, 500])
    await there.release('a', '1.0.0')
    const replayed = await replay({
      ...{ api: there.api, wanted: NOTIFIED, cursor: undefined },
      send: webhookSender({ url: receiver.url, name: 'x', key: there.key }, runtimeOf()),
      signal: runtimeOf().signal,
    })
    expect(replayed).toEqual({ sent: 0, cursor: undefined, problem: 'it answered 500' })
    expect(receiver.received).toHaveLength(5)
  })
})

/** An address at which nobody listens. */
async function closedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

function runtimeOf() {
  const { signal } = new AbortController()
  return { fetch, now: () => NOW, random: () => 0, pause: async () => {}, signal }
}
