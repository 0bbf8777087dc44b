import { type Context, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { fakeRegistry } from './fake-registry.ts'

afterEach(() => context.disable())

/** Everything runs within the span. */
function within(span: Span): void {
  const active: Context = trace.setSpan(ROOT_CONTEXT, span)
  context.setGlobalContextManager({
    active: () => active,
    with: (_context, work, thisArg, ...args) => work.call(thisArg as never, ...args),
    bind: (_context, target) => target,
    enable: () => context as never,
    disable: () => context as never,
  })
}

test('the active span gets the names of the prompt, also for a cached text', async () => {
  const seen: unknown[] = []
  const span = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })
  span.setAttributes = (attributes) => {
    seen.push(attributes)
    return span
  }
  within(span)
  const registry = fakeRegistry({ a: { content: 'A', version: '0123456789ab' } })
  const client = new PromptRegistryClient({ registryUrl: registry.url, fetch: registry.fetch, env: {} })
  const attributes = {
    'gen_ai.prompt.name': 'a',
    'gen_ai.prompt.version': '0123456789ab',
    'prompt_registry.tier': 'http',
    'prompt_registry.stale': false,
  }
  // OpenTelemetry is loaded beside the first request.
  await expect
    .poll(async () => {
      await client.resolve('a')
      return seen.splice(0)
    })
    .toEqual([attributes])
  await client.get('a')
  expect(seen).toEqual([attributes])
})
