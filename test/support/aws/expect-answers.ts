import { expect } from 'vitest'
import { type Ask, functionUnderFaults } from './function-under-faults.ts'
import type { Fault } from './proxy.ts'
import { countCalls } from './registry.ts'

/** A request is answered within this time if AWS stops answering. */
export const STALL_MS = 1_800
/** The longest request, if AWS answers slowly. */
export const TOTAL_MS = 25_000

export const post = (path: string, body: unknown): Ask => ({ method: 'POST', path, body })
export const get = (path: string): Ask => ({ method: 'GET', path })

export const ASKS: readonly (readonly [string, Ask])[] = [
  ['a resolve', get('/prompts/p')],
  ['a resolve of a pin', get('/prompts/p@1.0.0')],
  ['a list', get('/prompts')],
  ['a list of versions', get('/prompts/p/versions')],
  ['a list of sources', get('/sources')],
  ['the health', get('/health')],
  ['a rollback', post('/prompts/p/rollback', { version: '1.0.0' })],
  ['a push', post('/prompts', { prompt_id: 'p', content: 'new' })],
  ['a promotion', post('/prompts/q/promote', { version: 'draft' })],
]

export const FAULTS = ['throttle', 'hang', 'fail', 'break', 'cut', 'delay'] as const satisfies Fault[]
export type SlowFault = (typeof FAULTS)[number]

/** Timers have a resolution of one millisecond. */
const TICK_MS = 1

/** Every call to AWS fails: the request is answered in time with a retryable code, and a retry succeeds. */
export async function expectAnswerInTime([, asked]: (typeof ASKS)[number], fault: SlowFault) {
  const { proxy, ask, world } = await functionUnderFaults()
  proxy.delayMs = 800
  proxy.fault = () => fault
  const { status, retryAfter, tookMs, document } = await ask(asked)
  const calls = Object.values(countCalls(world))
  proxy.fault = null
  expect(tookMs).toBeLessThanOrEqual((fault === 'delay' ? TOTAL_MS : STALL_MS) + TICK_MS)
  if (fault !== 'delay' || status === 503) {
    expect([status, retryAfter]).toEqual([503, '1'])
    const isBusy = ['throttle', 'hang', 'delay'].includes(fault) && asked.path !== '/health'
    expect(document.code).toBe(isBusy ? 'busy' : 'unavailable')
  }
  if (fault === 'throttle') {
    for (const count of calls) expect(count).toBeLessThanOrEqual(7)
  }
  expect([200, 201]).toContain((await ask(asked)).status)
}

/** Each call of a request fails in turn: it is retried, and acknowledged writes are stored. */
export async function expectRetries(fault: SlowFault) {
  const { proxy, ask } = await functionUnderFaults()
  proxy.delayMs = 800
  const strike = async (asked: (turn: number) => Ask) => {
    let struck = true
    for (let position = 0; struck; position++) {
      struck = false
      proxy.fault = (_, number) => {
        if (number !== position) return undefined
        struck = true
        return fault
      }
      const { status, document, tookMs } = await ask(asked(position))
      proxy.fault = null
      expect([position, status, status < 300]).toEqual([position, status, true])
      expect(tookMs).toBeLessThanOrEqual(STALL_MS + TICK_MS)
      if (document.created !== true) continue
      const query = `version=${document.version}&mode=dev`
      expect((await ask({ ...get('/prompts/p'), query })).status).toBe(200)
    }
  }
  await strike(() => get('/prompts/p'))
  await strike(() => get('/prompts/p@1.0.0'))
  await strike((turn) => post('/prompts', { prompt_id: 'p', content: `new ${turn}` }))
}

/** From each call of a write on, AWS stops answering: the write is answered in time, and a repeat completes it. */
export async function expectStalls(asked: Ask, fault: SlowFault) {
  let struck = true
  let answered = 0
  for (let position = 0; struck; position++) {
    const { proxy, ask } = await functionUnderFaults()
    struck = false
    proxy.fault = (_, number) => {
      if (number < position) return undefined
      struck = true
      return fault
    }
    const { status, retryAfter, tookMs, document } = await ask(asked)
    proxy.fault = null
    expect(tookMs).toBeLessThanOrEqual(STALL_MS + TICK_MS)
    if (struck) {
      answered++
      expect([position, status, retryAfter, document.code]).toEqual([position, 503, '1', 'busy'])
    }
    expect([200, 201]).toContain((await ask(asked)).status)
  }
  expect(answered).toBeGreaterThanOrEqual(2)
}
