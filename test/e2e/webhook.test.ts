import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import type { PassInput } from '../../controller/pass/pass-input.ts'
import { runPass } from '../../controller/pass/run-pass.ts'
import { sameRepositoryKey } from '../../controller/source/repository-address.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import { createWatch } from '../../controller/watch/serve.ts'
import { WEBHOOK_HOSTS } from '../../controller/watch/webhook/hosts.ts'
import { createWebhookReceiver, WEBHOOK_PREFIX } from '../../controller/watch/webhook/receiver.ts'
import { served } from '../support/planned-journey.ts'
import { shareRepository } from '../support/shared-repository.ts'
import { virtualTime } from '../support/virtual-time.ts'
import { githubDelivery, githubPayloads } from '../support/webhook-deliveries.ts'

const SECRET = 'only-the-host-knows'
const PUSH = githubDelivery('push', githubPayloads('push')[0], SECRET)
const MOST_BYTES = 25 * 1024 * 1024

/**
 * Sources of one real repository with a webhook for the first, taken beside a real registry over HTTP. Time stands
 * still unless it is moved, so that nothing but a delivery makes a second round.
 */
async function hooked(count: number) {
  const shared = await shareRepository(count)
  const time = virtualTime(Date.parse('2026-03-01T12:00:00Z'))
  for (const member of shared.members) Object.assign(member, { now: time.now })
  const stop = new AbortController()
  const reports: PassReport[] = []
  const heard = { report: () => {} }
  /** What a pass waits for before it begins. */
  const gate: { opens: Promise<void> } = { opens: Promise.resolve() }
  const begun = { passes: 0, tell: () => {} }
  const pass = async (input: PassInput) => {
    begun.passes++
    begun.tell()
    await gate.opens
    const passed = await runPass({ ...input, signal: stop.signal })
    reports.push(passed)
    heard.report()
    return passed
  }
  const watch = createWatch({
    repositories: [
      {
        sources: shared.members.map(({ source }) => ({ name: source.name, schedule: '1h' })),
        key: sameRepositoryKey(shared.repository.path),
        place: 'localhost',
        cache: 'one',
        run: (names) => shared.round(names, pass),
      },
    ],
    report: () => {},
    now: time.now,
    random: () => 0.5,
    pause: time.pause,
    signal: stop.signal,
  })
  const receive = createWebhookReceiver({
    endpoints: new Map([['s0', { host: WEBHOOK_HOSTS.github, secrets: [SECRET] }]]),
    hint: watch.hint,
  })
  const logged: unknown[] = []
  const log = { error: (...facts: unknown[]) => void logged.push(facts) }
  const registry = openEmbeddedRegistry({ file: ':memory:', log })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 }, [
    { prefix: WEBHOOK_PREFIX, fetch: receive },
  ])
  const end = async () => {
    stop.abort(new Error('ended by the test'))
    await running
    await server.close()
  }
  let running: Promise<void> = Promise.resolve()
  onTestFinished(async () => {
    await end()
    registry.close()
  })
  return {
    ...shared,
    ...{ time, stop, reports, begun, logged, url: server.url },
    start: () => {
      running = watch.run()
      return running
    },
    /** Resolves when so many passes have ended. */
    until: async (passes: number) => {
      while (reports.length < passes) await new Promise<void>((resolve) => (heard.report = resolve))
    },
    /** Resolves when the next pass begins, and keeps it there until the given promise resolves. */
    holdNext: async (opens: Promise<void>) => {
      gate.opens = opens
      await new Promise<void>((resolve) => (begun.tell = resolve))
    },
    deliver: async (delivery = PUSH) => {
      const { headers, body } = delivery
      const init = { method: 'POST', headers, body: new Uint8Array(body) }
      return (await fetch(`${server.url}/webhooks/s0`, init)).status
    },
  }
}

describe('a webhook', () => {
  it('of one source refreshes every source of the repository with one listing and one fetch', async () => {
    const { start, until, commit, deliver, traffic, api } = await hooked(20)
    await commit('one')
    void start()
    await until(20)
    const before = { ...traffic }
    await commit('two')
    expect(await deliver()).toBe(202)
    await until(40)
    expect([traffic.listings - before.listings, traffic.opened - before.opened]).toEqual([1, 1])
    for (const source of ['s0', 's13', 's19'])
      expect(await served({ api }, `${source}/p`, 'dev')).toBe(`two of ${source}\n`)
  })

  it('that comes 200 times while a pass runs costs exactly one more round', async () => {
    const { start, until, commit, deliver, holdNext, traffic, reports } = await hooked(2)
    await commit('one')
    const gate = Promise.withResolvers<void>()
    const held = holdNext(gate.promise)
    void start()
    await held
    const statuses = await Promise.all(Array.from({ length: 200 }, () => deliver()))
    expect(new Set(statuses)).toEqual(new Set([202]))
    expect(reports).toHaveLength(0)
    gate.resolve()
    await until(4)
    // What a round too many would have begun is over when another round is.
    await deliver()
    await until(6)
    expect([traffic.listings, reports.length]).toEqual([3, 6])
  })

  it('that is sent again changes nothing', async () => {
    const { start, until, commit, deliver, traffic, reports } = await hooked(1)
    await commit('one')
    void start()
    await until(1)
    for (let time = 2; time <= 4; time++) {
      expect(await deliver()).toBe(202)
      await until(time)
    }
    expect(reports.map(({ result }) => result)).toEqual(['synced', 'unchanged', 'unchanged', 'unchanged'])
    expect(traffic.opened).toBe(1)
  })

  it('whose pass fails is answered all the same, and the pass comes again by itself', async () => {
    const { start, until, commit, deliver, repository, reports, time } = await hooked(1)
    await commit('one')
    void start()
    await until(1)
    await rename(repository.path, `${repository.path}-away`)
    expect(await deliver()).toBe(202)
    await until(2)
    expect(reports[1]).toMatchObject({
      result: 'failed',
      message: expect.stringContaining('no git repository'),
    })
    await rename(`${repository.path}-away`, repository.path)
    await time.step()
    await until(3)
    expect(reports[2]).toMatchObject({ result: 'synced', message: null })
  })

  it('that comes while the controller ends is told so, and starts nothing', async () => {
    const { start, commit, deliver, holdNext, stop, reports, begun } = await hooked(1)
    await commit('one')
    const gate = Promise.withResolvers<void>()
    const held = holdNext(gate.promise)
    const running = start()
    await held
    expect(await deliver()).toBe(202)
    stop.abort(new Error('ended'))
    expect(await deliver()).toBe(503)
    gate.resolve()
    await running
    expect([begun.passes, reports.length]).toEqual([1, 0])
  })
})

/** A request as a proxy or a careless sender makes it, with all headers as given. */
function ask(url: string, headers: Readonly<Record<string, string>>): ClientRequest {
  const request = httpRequest(url, { method: 'POST', headers })
  // What is sent after the answer may meet a closed connection.
  request.on('error', () => {})
  return request
}

async function answerOf(request: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

describe('beside the registry', () => {
  it('webhooks come through a proxy by their signature, where the registry answers nothing', async () => {
    const { url, commit, start, until } = await hooked(1)
    await commit('one')
    void start()
    await until(1)
    const proxied = { host: 'prompts.example.com', 'x-forwarded-for': '203.0.113.7' }
    const hook = ask(`${url}/webhooks/s0`, { ...PUSH.headers, ...proxied })
    hook.end(PUSH.body)
    expect(await answerOf(hook)).toEqual({ status: 202, body: '{"status":"accepted"}' })
    const others = {
      '/prompts': 403,
      '/prompts/webhooks/s0': 403,
      '/prompts?source=/webhooks/s0': 403,
      '/webhooks': 404,
    }
    for (const [path, status] of Object.entries(others)) {
      const other = httpRequest(`${url}${path}`, { headers: { ...PUSH.headers, ...proxied } })
      other.end()
      expect([path, (await answerOf(other)).status]).toEqual([path, status])
    }
    await until(2)
  })

  it('what is refused is answered before its body has come, and the server goes on', async () => {
    const { url, logged } = await hooked(1)
    const declared = { ...PUSH.headers, 'content-length': String(MOST_BYTES + 1) }
    const tooLarge = ask(`${url}/webhooks/s0`, declared)
    tooLarge.flushHeaders()
    expect(await answerOf(tooLarge)).toMatchObject({ status: 413 })
    tooLarge.destroy()

    const { 'x-hub-signature-256': _, ...unsigned } = PUSH.headers
    const nobody = ask(`${url}/webhooks/s0`, { ...unsigned, 'content-length': '1000000' })
    nobody.flushHeaders()
    expect(await answerOf(nobody)).toMatchObject({ status: 401 })
    nobody.destroy()

    const chunked = ask(`${url}/webhooks/s0`, { ...PUSH.headers, 'transfer-encoding': 'chunked' })
    const answer = answerOf(chunked)
    const part = Buffer.alloc(1024 * 1024)
    for (let sent = 0; sent <= MOST_BYTES; sent += part.length) chunked.write(part)
    expect(await answer).toMatchObject({ status: 413 })
    chunked.destroy()

    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect(logged).toEqual([])
  })

  it('a sender that hangs up in the middle of its body harms nothing', async () => {
    const { url, deliver, logged, start, commit, until } = await hooked(1)
    await commit('one')
    void start()
    const request = ask(`${url}/webhooks/s0`, { ...PUSH.headers, 'content-length': '1000' })
    await new Promise<void>((resolve) => request.write('half', () => resolve()))
    request.destroy()
    await new Promise((resolve) => request.once('close', resolve))
    expect(await deliver()).toBe(202)
    await until(2)
    expect(logged).toEqual([])
  })
})
