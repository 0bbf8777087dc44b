import { onTestFinished } from 'vitest'
import { MODES } from '../../../api/contract/mode.ts'
import { statusOf } from '../../../api/http/error-table.ts'
import { createLambdaHandler } from '../../../api/lambda/handler.ts'
import { createRegistry } from '../../../api/registry/registry.ts'
import { functionUrlEvent } from '../lambda/events.ts'
import { fakeTime } from './fake-time.ts'
import { awsRegistry } from './registry.ts'
import { makeWorld } from './world.ts'

export interface Ask {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: string
  readonly body?: unknown
}

export type FunctionUnderFaults = Awaited<ReturnType<typeof functionUnderFaults>>

/**
 * The registry's function on AWS behind the fault proxy, with two prompts: `p` is released as 1.0.0, and `q` has
 * the draft `draft`. Time is fake, and pauses between attempts have their maximum length.
 */
export async function functionUnderFaults() {
  const world = await makeWorld()
  onTestFinished(world.close)
  const { admin } = awsRegistry(world)
  await admin.push({ prompt_id: 'p', content: 'one', version: '1.0.0' })
  await admin.promote('p', { version: '1.0.0' })
  await admin.push({ prompt_id: 'q', content: 'two', version: 'draft' })
  const time = fakeTime(world, world.proxy)
  let ids = 0
  /** As after a cold start: with empty caches. */
  const start = () => {
    const store = world.open(time.parts)
    const registry = createRegistry({
      ...store,
      settings: { allowedModes: MODES, deprecatedPins: 'serve', inputs: 'report' },
      now: Date.now,
      random: () => 0.999,
      newId: () => `id-${++ids}`,
      statusOf: (code) => statusOf(code, 'write'),
    })
    return createLambdaHandler({
      registry,
      observer: { finished: () => undefined, error: () => undefined, info: () => undefined },
      readOnly: false,
      clock: time.now,
      newId: () => `request-${++ids}`,
    })
  }
  const ask = async ({ method, path, query, body }: Ask) => {
    const before = time.now()
    world.proxy.reset()
    const event = functionUrlEvent({
      method,
      path,
      ...(query !== undefined && { query }),
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await start()(event, { getRemainingTimeInMillis: () => 30_000 })
    return {
      status: answer.statusCode,
      retryAfter: answer.headers['retry-after'],
      document: JSON.parse(answer.body),
      tookMs: time.now() - before,
    }
  }
  return { proxy: world.proxy, world, ask }
}
