import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ModeName } from '../../client/options.ts'
import { isPromptRenderError } from '../../client/rendering/render-error.ts'
import type { Resolution } from '../../client/resolution.ts'
import { type FakeTime, fakeTime } from '../client/fake-time.ts'
import { scratchFolder } from '../support/scratch.ts'
import type { ConformanceCase, Step } from './case.ts'
import { CASES, writeLocal } from './cases.ts'
import { type ScriptedServer, startScriptedServer } from './server.ts'

let server: ScriptedServer
beforeAll(async () => {
  server = await startScriptedServer()
})
afterAll(() => server.close())

describe.each(Object.entries(CASES))('%s', (_file, cases) => {
  test.each(cases)('$name', async (one) => {
    await server.reset()
    server.prompts = one.prompts
    const time = fakeTime()
    const client = await clientOf(one, time)
    for (const [n, step] of one.steps.entries()) await run(step, { client, time, where: `step ${n + 1}` })
  })
})

async function clientOf(
  { options = {}, local }: ConformanceCase,
  time: FakeTime,
): Promise<PromptRegistryClient> {
  const localDir = local === undefined ? undefined : join(await scratchFolder(), 'local')
  if (localDir !== undefined) await writeLocal(localDir, local)
  return new PromptRegistryClient({
    registryUrl: options.registry === false ? undefined : server.url,
    localDir,
    mode: options.mode as ModeName | undefined,
    ttlMs: options.ttl_ms,
    timeoutMs: options.timeout_ms,
    maxEntries: options.max_entries,
    localDraft: options.local_draft,
    clock: time.clock,
    setTimer: time.setTimer,
    random: () => 0,
    env: {},
  })
}

type Counts = ReturnType<PromptRegistryClient['metrics']>

interface World {
  readonly client: PromptRegistryClient
  readonly time: FakeTime
  readonly where: string
}

async function run(step: Step, { client, time, where }: World): Promise<void> {
  if ('pass' in step) return await time.pass(step.pass)
  if ('set' in step) server.prompts = { ...server.prompts, ...step.set }
  else if ('fault' in step) await server.setFault(step.fault, step.retry_after)
  else if ('peek' in step) expect(client.peek(step.peek) ?? null, where).toBe(step.is)
  else {
    const [before, start] = [client.metrics(), time.clock()]
    server.forget()
    let took = 0
    const called = resultOf(step, client).finally(() => {
      took = time.clock() - start
    })
    const result = await driven(called, client, time, before)
    await driven(idle(client), client, time, before)
    if (step.is !== undefined) expect(result, where).toMatchObject(step.is)
    if (step.requests !== undefined) expect(server.requests, where).toEqual(step.requests)
    if (step.raw_requests !== undefined) expect(server.rawRequests, where).toEqual(step.raw_requests)
    if (step.asks !== undefined) expect(client.metrics().requests - before.requests, where).toBe(step.asks)
    if (step.takes !== undefined) expect(took, where).toBe(step.takes)
  }
}

async function resultOf(step: Step, client: PromptRegistryClient): Promise<object> {
  try {
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

function inSnakeCase({ promptId, attempts, ...rest }: Resolution): object {
  return { ...rest, prompt_id: promptId, attempts: attempts.map(({ tier, code }) => `${tier} ${code}`) }
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
