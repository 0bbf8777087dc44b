import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { isPromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ModeName } from '../../client/options.ts'
import { isPromptRenderError } from '../../client/rendering/render-error.ts'
import type { Resolution } from '../../client/resolution.ts'
import type { PromptSession } from '../../client/session.ts'
import { encodeSnapshot, type SavedAnswer } from '../../client/snapshot.ts'
import { type FakeTime, fakeTime } from '../client/fake-time.ts'
import { fetchDispatcher } from '../support/fetch-dispatcher.ts'
import { scratchFolder } from '../support/scratch.ts'
import type { BundledAnswer, ConformanceCase, Step } from './case.ts'
import { CASES, writeLocal } from './cases.ts'
import { type ScriptedServer, startScriptedServer } from './server.ts'

let server: ScriptedServer
beforeAll(async () => {
  // Requests go by what it loads.
  fetchDispatcher()
  server = await startScriptedServer()
})
afterAll(() => server.close())

let byUndici = 0
const countRequest = () => {
  byUndici++
}
beforeEach(() => {
  byUndici = 0
  subscribe('undici:request:create', countRequest)
  return () => unsubscribe('undici:request:create', countRequest)
})

describe.each(Object.entries(CASES))('%s', (_file, cases) => {
  test.each(cases)('$name', runCase)
})

test('those that answer and fail go over connections of undici', async () => {
  await runCase(CASES.faults?.[0] as ConformanceCase)
  expect(byUndici).toBeGreaterThan(0)
})

describe('by node:http, as in a program that has replaced fetch', () => {
  beforeEach(() => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('It is replaced.')))
    return () => vi.unstubAllGlobals()
  })
  test.each(CASES.faults ?? [])('$name', async (one) => {
    await runCase(one)
    expect(byUndici).toBe(0)
  })
})

async function runCase(one: ConformanceCase): Promise<void> {
  await server.reset()
  server.prompts = one.prompts
  server.move(one.sets ?? {})
  const place: Place = { one, time: fakeTime(), folder: await scratchFolder(), events: [] }
  await prepare(place)
  const world: World = { ...place, client: start(place), changes: [], where: '' }
  for (const [n, step] of one.steps.entries()) {
    world.where = `step ${n + 1}`
    await run(step, world)
  }
}

/** What outlives a restart. */
interface Place {
  readonly one: ConformanceCase
  readonly time: FakeTime
  readonly folder: string
  readonly events: string[]
}

async function prepare({ one: { local, bundle }, time, folder }: Place): Promise<void> {
  if (local !== undefined) await writeLocal(join(folder, 'local'), local)
  if (bundle !== undefined) await writeFile(join(folder, 'bundle'), await bundleOf(bundle, time))
}

async function bundleOf(answers: readonly BundledAnswer[], time: FakeTime): Promise<string> {
  const saved = answers.map(({ reference, mode, content, age_ms: age }) => ({
    reference,
    mode,
    tier: 'http',
    at: EPOCH + time.clock() - age,
    found: { text: content, promptId: reference },
  }))
  return await encodeSnapshot(saved as unknown as readonly SavedAnswer[], null, sha256)
}

/** Wall clock at which the clock of the client is 0. */
const EPOCH = 1e12

function start(
  place: Place,
  { mode, path = '', application }: { mode?: string; path?: string; application?: string } = {},
): PromptRegistryClient {
  const { one, time, folder, events } = place
  const { options = {}, local, bundle } = one
  const client = new PromptRegistryClient({
    registryUrl: options.registry === false ? undefined : server.url + path,
    localDir: local === undefined ? undefined : join(folder, 'local'),
    mode: (mode ?? options.mode) as ModeName | undefined,
    ...(options.snapshot && { snapshot: { file: snapshotOf(place) } }),
    ...(bundle !== undefined && { bundle: { file: join(folder, 'bundle') } }),
    now: () => EPOCH + time.clock(),
    ttlMs: options.ttl_ms,
    timeoutMs: options.timeout_ms,
    maxEntries: options.max_entries,
    localDraft: options.local_draft,
    application: application ?? options.application,
    clock: time.clock,
    setTimer: time.setTimer,
    random: () => 0,
    env: {},
  })
  client.on('event', ({ type }) => events.push(type))
  return client
}

function snapshotOf({ folder }: Place): string {
  return join(folder, 'state', 'snapshot')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function savedReferences(world: World): Promise<readonly string[]> {
  const file = snapshotOf(world)
  expect(await readdir(dirname(file)), world.where).toEqual(['snapshot'])
  const [header = '', body = ''] = (await readFile(file, 'utf8')).split('\n')
  expect(JSON.parse(header), world.where).toMatchObject({ schema: 1, sha256: sha256(body) })
  return (JSON.parse(body) as SavedAnswer[]).map(({ reference }) => reference)
}

type Counts = ReturnType<PromptRegistryClient['metrics']>

interface World extends Place {
  readonly changes: string[]
  client: PromptRegistryClient
  session?: PromptSession
  where: string
}

async function run(step: Step, world: World): Promise<void> {
  const { client, time, where, changes, events } = world
  if ('set' in step) server.prompts = { ...server.prompts, ...step.set }
  else if ('move' in step) server.move(step.move)
  else if ('fault' in step) await server.setFault(step.fault, step.retry_after)
  else if ('peek' in step) expect(client.peek(step.peek) ?? null, where).toBe(step.is)
  else if ('restart' in step) {
    await client.close()
    world.client = start(world, step.restart)
  } else if ('refuses' in step) {
    expect(() => start(world, step.refuses), where).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    )
  } else if ('damage' in step) await writeFile(snapshotOf(world), step.damage)
  else if ('edit' in step) {
    const text = await readFile(snapshotOf(world), 'utf8')
    await writeFile(snapshotOf(world), text.replace(...step.edit))
  } else if ('saved' in step)
    // The client writes by itself, so nothing can be awaited.
    await vi.waitFor(async () => expect(await savedReferences(world), where).toEqual(step.saved))
  else if ('events' in step) expect(events.splice(0), where).toEqual(step.events)
  else if ('unwatch' in step) await client.close()
  else {
    const [before, begin] = [client.metrics(), time.clock()]
    server.forget()
    changes.length = 0
    let took = 0
    const called = resultOf(step, world).finally(() => {
      took = time.clock() - begin
    })
    const result = await driven(called, client, time, before)
    await driven(idle(client), client, time, before)
    if (step.is !== undefined) expect(result, where).toMatchObject(step.is)
    if (step.requests !== undefined) expect(server.requests, where).toEqual(step.requests)
    if (step.applications !== undefined) expect(server.applications, where).toEqual(step.applications)
    if (step.raw_requests !== undefined) expect(server.rawRequests, where).toEqual(step.raw_requests)
    if (step.asks !== undefined) expect(client.metrics().requests - before.requests, where).toBe(step.asks)
    if (step.changes !== undefined) expect(changes, where).toEqual(step.changes)
    if (step.takes !== undefined) expect(took, where).toBe(step.takes)
  }
}

async function resultOf(step: Step, world: World): Promise<object> {
  const { client, time, changes } = world
  try {
    if ('session' in step) {
      const { session: source, outside } = step
      world.session = await client.session({ source, outside })
    }
    if ('refresh' in step) await world.session?.refresh()
    if ('session' in step || 'refresh' in step) {
      const { set, release } = world.session as PromptSession
      return { set, release }
    }
    if ('read' in step) return inSnakeCase(await (world.session as PromptSession).resolve(step.read))
    if ('watch' in step)
      client.watch(step.watch, (change) => {
        const what = 'error' in change ? change.error.code : change.resolution.text
        changes.push(`${change.reference} ${what}`)
      })
    if ('pass' in step) await time.pass(step.pass)
    if ('all' in step) return Object.fromEntries(await client.getAll(step.all))
    if ('render' in step) {
      const { text, messages } = await client.render(step.render, step.values)
      return { text, messages }
    }
    if (!('call' in step)) return {}
    const { call, mode, ttl_ms: ttlMs } = step
    const options = {
      ...(mode !== undefined && { mode: mode as ModeName }),
      ...(ttlMs !== undefined && { ttlMs }),
    }
    return inSnakeCase(await client.resolve(call, options))
  } catch (error) {
    if (isPromptRenderError(error)) return { code: error.code, names: error.names, message: error.message }
    if (!isPromptResolutionError(error)) throw error
    return { code: error.code, attempts: error.attempts.map(({ tier, code }) => `${tier} ${code}`) }
  }
}

function inSnakeCase({ promptId, ageMs, movedTo, attempts, ...rest }: Resolution): object {
  return {
    ...rest,
    prompt_id: promptId,
    moved_to: movedTo,
    age_ms: ageMs,
    attempts: attempts.map(({ tier, code }) => `${tier} ${code}`),
  }
}

async function idle(client: PromptRegistryClient): Promise<void> {
  while (client.metrics().inFlight > 0) await new Promise((turn) => setImmediate(turn))
}

/** Waits for real sockets, and lets time pass only if the client waits for nothing else. */
async function driven<T>(
  work: Promise<T>,
  client: PromptRegistryClient,
  time: FakeTime,
  before: Counts,
): Promise<T> {
  let settled = false
  const end = work.finally(() => {
    settled = true
  })
  end.catch(() => undefined)
  while (!settled) {
    await new Promise((turn) => setImmediate(turn))
    const { requests, failures, inFlight } = client.metrics()
    const pausesBeforeRetry =
      failures > before.failures && failures - before.failures >= requests - before.requests
    if (inFlight > 0 && (pausesBeforeRetry || server.hanging > 0)) await time.toNext()
  }
  return await end
}
