import { describe, expect, test } from 'vitest'
import type { SourceConfig } from '../../../controller/configuration/config.ts'
import {
  dueTogether,
  type KnownSources,
  overdueSources,
  slowPlacesLast,
} from '../../../controller/lambda/due.ts'
import { configDigest, type SourceState } from '../../../controller/state/source-state.ts'
import { sourceConfig } from '../../support/controller.ts'
import fc from '../../support/fast-check.ts'
import { settledState } from '../../support/planned-source.ts'

const MINUTE = 60_000
const NOON = Date.parse('2026-06-01T12:00:00Z')

function source(name: string, more: Readonly<Record<string, unknown>> = {}): SourceConfig {
  return sourceConfig({ name, repository: `https://git.example.com/acme/${name}.git`, ...more })
}

function settled(config: SourceConfig, more: Partial<SourceState> = {}): SourceState {
  return { ...settledState(), config_digest: configDigest(config), ...more }
}

/** The names that are due, grouped by repository. */
function due(sources: readonly SourceConfig[], at: number, known: KnownSources = new Map()) {
  return dueTogether(sources, known, at).map((group) => group.map(({ name }) => name))
}

describe('the schedule', () => {
  test('starts a pass of a source once per interval, for any interval', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 100_000 }),
        (minutes, start) => {
          const sources = [source('a', { schedule: `${minutes}m` })]
          const ticks = Array.from({ length: minutes * 3 }, (_, tick) => NOON + (start + tick) * MINUTE)
          expect(ticks.filter((at) => due(sources, at).length > 0)).toHaveLength(3)
        },
      ),
    )
  })

  test('starts a pass every minute if the interval is shorter', () => {
    expect(due([source('a', { schedule: '10s' })], NOON)).toEqual([['a']])
  })

  test('starts a pass in the minute of a cron expression, and not before its time', () => {
    const at = (time: string) => due([source('a', { schedule: '0 18 * * 5' })], Date.parse(time)).length
    expect(at('2026-06-05T18:00:00Z')).toBe(1)
    expect(at('2026-06-05T18:00:42Z')).toBe(1)
    expect(at('2026-06-05T17:59:00Z')).toBe(0)
    expect(at('2026-06-05T18:01:00Z')).toBe(0)
    const seconds = (time: string) =>
      due([source('a', { schedule: '30 0 18 * * 5' })], Date.parse(time)).length
    expect(seconds('2026-06-05T18:00:00Z')).toBe(0)
    expect(seconds('2026-06-05T18:01:00Z')).toBe(1)
  })

  test('starts the sources of one repository together, regardless of how its address is written', () => {
    const sources = [
      source('a', { repository: 'https://git.example.com/acme/prompts.git', schedule: '10m' }),
      source('b', { schedule: '1m' }),
      source('c', { repository: 'git@git.example.com:acme/prompts', schedule: '10m' }),
    ]
    const groups = Array.from({ length: 10 }, (_, minute) => due(sources, NOON + minute * MINUTE))
    expect(groups.flat().filter((group) => group.includes('a'))).toEqual([['a', 'c']])
    expect(groups.flat().filter((group) => group.includes('b'))).toHaveLength(10)
  })

  test('spreads repositories over an interval', () => {
    const sources = Array.from({ length: 60 }, (_, index) => source(`s${index}`, { schedule: '60m' }))
    const most = Math.max(
      ...Array.from({ length: 60 }, (_, minute) => due(sources, NOON + minute * MINUTE).length),
    )
    expect(most).toBeLessThan(10)
  })
})

test('skips a source while a pass of it is running', () => {
  const one = source('a')
  const known = (busy: boolean) => new Map([['a', { state: settled(one), busy }]])
  expect(due([one], NOON, known(true))).toEqual([])
  expect(due([one], NOON, known(false))).toEqual([['a']])
})

describe('without waiting for the schedule', () => {
  const daily = source('a', { schedule: '0 3 * * *' })
  const isDue = (state: SourceState | null, config = daily) =>
    due([config], NOON, new Map([['a', { state, busy: false }]])).length > 0

  test('a settled source is skipped', () => {
    expect(isDue(settled(daily))).toBe(false)
    expect(due([daily], NOON)).toEqual([])
  })

  test('a new source is due', () => {
    expect(isDue(null)).toBe(true)
  })

  test('a failed pass is retried when its retry is due', () => {
    const retry = (ms: number) => ({
      retry: { attempt: 1, not_before: new Date(NOON + ms).toISOString() },
    })
    expect(isDue(settled(daily, retry(0)))).toBe(true)
    expect(isDue(settled(daily, retry(1)))).toBe(false)
    // The backoff takes precedence.
    expect(isDue(settled(daily, { ...retry(1), config_digest: 'older' }))).toBe(false)
  })

  test('a new configuration takes effect, unless the source waits for a person', () => {
    const older = { config_digest: 'older' }
    expect(isDue(settled(daily, older))).toBe(true)
    expect(isDue(settled(daily, older), { ...daily, suspended: true })).toBe(false)
    const held = { of: 'x', kind: 'full' as const, message: 'too much' }
    expect(isDue(settled(daily, { ...older, held }))).toBe(false)
  })
})

describe('a source is overdue', () => {
  const minutely = source('a', { schedule: '1m' })
  const overdue = (more: Partial<SourceState>, config = minutely) =>
    overdueSources([config], new Map([['a', { state: settled(config, more), busy: false }]]), NOON)

  test('when no complete pass came within its schedule', () => {
    expect(overdue({ complete_at: '2026-06-01T11:59:00Z' })).toEqual([])
    expect(overdue({ complete_at: '2026-06-01T11:50:00Z' })).toEqual([{ source: 'a', ms: 9 * MINUTE }])
    const daily = source('a', { schedule: '0 3 * * *' })
    expect(overdue({ complete_at: '2026-06-01T03:00:10Z' }, daily)).toEqual([])
    expect(overdue({ complete_at: '2026-05-31T03:00:10Z' }, daily)).toEqual([
      { source: 'a', ms: 540 * MINUTE },
    ])
  })

  test('since its first pass if none was ever complete', () => {
    const [pass] = [{ ...settledState().last_pass, started_at: '2026-06-01T11:58:00Z' }]
    const passes = [pass] as SourceState['passes']
    expect(overdue({ complete_at: null, passes })).toEqual([{ source: 'a', ms: MINUTE }])
    expect(overdue({ complete_at: null, passes: [] })).toEqual([])
  })

  test('not while it is suspended or unknown to the registry', () => {
    expect(overdue({ complete_at: '2026-06-01T11:00:00Z' }, { ...minutely, suspended: true })).toEqual([])
    expect(overdueSources([minutely], new Map(), NOON)).toEqual([])
  })

  test('and the longest overdue comes first', () => {
    const sources = ['a', 'b', 'c'].map((name) => source(name))
    const at = (minutes: number) => new Date(NOON - minutes * MINUTE).toISOString()
    const states = new Map(
      [5, 9, 7].map((minutes, index) => {
        const config = sources[index] as SourceConfig
        const state = settled(config, { complete_at: at(minutes) })
        return [config.name, { state, busy: false }] as const
      }),
    )
    expect(overdueSources(sources, states, NOON).map(({ source }) => source)).toEqual(['b', 'c', 'a'])
  })
})

describe('slow places', () => {
  const at = (name: string, place: string) =>
    source(name, { repository: `https://${place}/${name}.git`, schedule: '1m' })
  const state = (fetched: 'True' | 'False', reason: string, checkedAt = '2026-06-01T11:00:00.000Z') => ({
    ...settled(source('x')),
    checked_at: checkedAt,
    conditions: [
      { type: 'Fetched' as const, status: fetched, reason, message: '', commit: null, since: checkedAt },
    ],
  })
  const unreachable = (checkedAt?: string) => ({
    state: state('False', 'Unreachable', checkedAt),
    busy: false,
  })
  const fetched = (checkedAt?: string) => ({ state: state('True', 'Listed', checkedAt), busy: false })
  const names = (sources: readonly SourceConfig[]) => sources.map(({ name }) => name)

  test('come last, with all their sources, in the order that they had', () => {
    const sources = [at('a', 'slow.example.com'), at('b', 'good.example.com'), at('c', 'slow.example.com')]
    const known: KnownSources = new Map([
      ['a', unreachable()],
      ['b', fetched()],
    ])
    expect(names(slowPlacesLast(sources, known))).toEqual(['b', 'a', 'c'])
    expect(due(sources, NOON, known)).toEqual([['b'], ['a'], ['c']])
  })

  test('are owners on GitHub, and hosts elsewhere', () => {
    const sources = [
      ...[at('a', 'github.com/slow'), at('b', 'github.com/good'), at('c', 'github.com/slow')],
      ...[at('d', 'git.example.com/x'), at('e', 'git.example.com/y')],
    ]
    const known = new Map([
      ['a', unreachable()],
      ['e', unreachable()],
    ])
    expect(names(slowPlacesLast(sources, known))).toEqual(['b', 'a', 'c', 'd', 'e'])
  })

  test('are known by the source that was looked at last, also by one that is not due', () => {
    const [a, b] = [at('a', 'host.example.com'), at('b', 'host.example.com')]
    const other = at('other', 'good.example.com')
    const [earlier, later] = ['2026-06-01T11:00:00.000Z', '2026-06-01T11:30:00.000Z']
    const order = (ofA: ReturnType<typeof fetched>, ofB: ReturnType<typeof fetched>) =>
      names(
        slowPlacesLast(
          [a, other],
          new Map([
            ['a', ofA],
            ['b', ofB],
          ]),
          [a, b, other],
        ),
      )
    expect(order(unreachable(earlier), fetched(later))).toEqual(['a', 'other'])
    expect(order(fetched(earlier), unreachable(later))).toEqual(['other', 'a'])
  })

  test('are none if something else is wrong, or nothing is known', () => {
    const sources = [at('a', 'host.example.com'), at('b', 'other.example.com')]
    const unauthorized = { state: state('False', 'Unauthorized'), busy: false }
    for (const known of [
      new Map(),
      new Map([['a', unauthorized]]),
      new Map([['a', { state: null, busy: false }]]),
    ])
      expect(names(slowPlacesLast(sources, known))).toEqual(['a', 'b'])
  })
})
