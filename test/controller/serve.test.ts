import { describe, expect, it } from 'vitest'
import type { PassReport } from '../../controller/pass.ts'
import { nextWake, serveSources } from '../../controller/serve.ts'
import { sourceConfig } from '../support/controller.ts'
import { NOW } from '../support/planned-source.ts'

const REPORT: PassReport = {
  source: 'a',
  result: 'synced',
  kind: 'changes',
  commit: null,
  started_at: '',
  finished_at: '',
  counts: {},
  quarantined: [],
  findings: [],
  message: null,
}

/** Serves sources whose passes end as told; stops after so many pauses. */
async function served(
  results: Record<string, PassReport['result'][]>,
  { pauses, schedule = '1h' }: { pauses: number; schedule?: string },
) {
  const stop = new AbortController()
  const waits: number[] = []
  const runs: string[] = []
  await serveSources({
    sources: Object.keys(results).map((name) => sourceConfig({ name, repository: '/r', schedule })),
    run: async ({ name }) => {
      runs.push(name)
      return { ...REPORT, source: name, result: results[name]?.shift() ?? 'unchanged' }
    },
    report: () => {},
    now: () => NOW,
    random: () => 0,
    pause: async (ms) => {
      waits.push(ms)
      if (waits.length === pauses) stop.abort()
      stop.signal.throwIfAborted()
    },
    signal: stop.signal,
  })
  return { waits, runs }
}

describe('serving sources', () => {
  it('runs each at once and then by its schedule', async () => {
    const { waits, runs } = await served({ a: [], b: [] }, { pauses: 4 })
    expect(runs.sort()).toEqual(['a', 'a', 'b', 'b'])
    expect(new Set(waits)).toEqual(new Set([3_420_000]))
  })

  it('comes back sooner, and then ever later, after passes that did not end well', async () => {
    const { waits } = await served(
      { a: ['failed', 'incomplete', 'incomplete', 'synced', 'failed'] },
      { pauses: 5 },
    )
    expect(waits).toEqual([2500, 5000, 10_000, 3_420_000, 2500])
  })

  it('waits in parts for a moment that is further away than a timer can be set', async () => {
    const { waits, runs } = await served({ a: [] }, { pauses: 29, schedule: '0 0 1 4 *' })
    expect(runs).toEqual(['a'])
    expect(Math.max(...waits)).toBe(86_400_000)
    expect(nextWake('0 0 1 4 *', 0, NOW, 0)).toBe(Date.parse('2026-04-01T00:00:00Z') - NOW)
  })

  it('ends when a pass is stopped, and fails where one fails that must not', async () => {
    const stop = new AbortController()
    const serve = (run: () => Promise<PassReport>) =>
      serveSources({
        sources: [sourceConfig({ name: 'a', repository: '/r' })],
        run,
        report: () => {},
        now: () => NOW,
        random: () => 0,
        pause: async () => {},
        signal: stop.signal,
      })
    await expect(serve(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug')
    await serve(() => {
      stop.abort()
      return Promise.reject(new Error('stopped'))
    })
  })
})
