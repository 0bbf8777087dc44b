import { describe, expect, it, onTestFinished } from 'vitest'
import type { PassReport } from '../../controller/pass/pass-report.ts'
import { createWatch, type WatchedRepository } from '../../controller/serve.ts'
import { quiet, virtualTime } from '../support/virtual-time.ts'

const SECOND = 1000
const HOUR = 3_600_000
/** What "1h" comes to where chance says 0. */
const EARLY_HOUR = 3_420_000

interface Plan {
  /** The schedules of the repository's sources, by name. */
  readonly sources: Readonly<Record<string, string>>
  readonly place?: string
  readonly cache?: string
  /** How the passes of a source end, one after another; well once these are used up. */
  readonly results?: Readonly<Record<string, PassReport['result'][]>>
  /** Stands in for the work of a round. */
  readonly work?: () => Promise<unknown>
}

/** A watch in virtual time over repositories of which only the rounds are seen. */
function watching(plans: Readonly<Record<string, Plan>>, { mostAtOnce = 8 } = {}) {
  const time = virtualTime(Date.parse('2026-03-01T12:00:00Z'))
  const stop = new AbortController()
  /** The sources of each round, such as `a b`. */
  const rounds: string[] = []
  const told: string[] = []
  const watch = createWatch({
    repositories: Object.entries(plans).map(([address, plan]) => repository(address, plan, rounds)),
    report: ({ source, result }) => told.push(`${source} ${result}`),
    now: time.now,
    random: () => 0,
    pause: time.pause,
    signal: stop.signal,
    mostAtOnce,
  })
  return { time, stop, rounds, told, watch }
}

function repository(address: string, plan: Plan, rounds: string[]): WatchedRepository {
  const { sources, place = address, cache = address, results = {}, work = async () => {} } = plan
  return {
    sources: Object.entries(sources).map(([name, schedule]) => ({ name, schedule })),
    place,
    cache,
    async run(names, report) {
      rounds.push(names.join(' '))
      await work()
      const reports = names.map((source) => reportOf(source, results[source]?.shift() ?? 'unchanged'))
      reports.forEach(report)
      return reports
    },
  }
}

function reportOf(source: string, result: PassReport['result']): PassReport {
  return {
    source,
    result,
    kind: 'changes',
    commit: null,
    started_at: '',
    finished_at: '',
    counts: {},
    quarantined: [],
    findings: [],
    message: null,
  }
}

/** Runs the watch until the test ends. */
function run({ watch, stop }: ReturnType<typeof watching>): Promise<void> {
  const running = watch.run()
  onTestFinished(async () => {
    stop.abort(new Error('ended by the test'))
    await running.catch(() => {})
  })
  return running
}

/** Work that goes on until it is told to end. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, open: () => resolve() }
}

const hourly = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '1h']))

describe('the schedules of a repository', () => {
  it('look at all its sources in one round, at once and then each time', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    const world = watching({ r: { sources: hourly(...names) } })
    void run(world)
    await quiet()
    expect(world.rounds).toEqual([names.join(' ')])
    expect(await world.time.step()).toBe(EARLY_HOUR)
    expect(world.rounds).toEqual([names.join(' '), names.join(' ')])
    expect(world.told).toHaveLength(40)
  })

  it('may differ, and meet where they fall together', async () => {
    const world = watching({ r: { sources: { often: '10m', seldom: '30m' } } })
    void run(world)
    await world.time.pass(HOUR)
    expect(world.rounds[0]).toBe('often seldom')
    const of = (name: string) => world.rounds.filter((round) => round.split(' ').includes(name)).length
    expect([of('often'), of('seldom')]).toEqual([7, 3])
  })

  it('are followed in parts where a moment is further away than a timer can be set', async () => {
    const world = watching({ r: { sources: { a: '0 0 1 4 *' } } })
    void run(world)
    for (let day = 1; day <= 30; day++) expect(await world.time.step()).toBe(24 * HOUR)
    expect(world.rounds).toHaveLength(1)
    expect(await world.time.step()).toBe(12 * HOUR)
    expect(world.rounds).toHaveLength(2)
  })
})

describe('a source whose pass did not end well', () => {
  it('is looked at sooner, then ever later, and by its schedule once it is well', async () => {
    const results = { a: ['failed', 'incomplete', 'incomplete', 'synced'] as PassReport['result'][] }
    const world = watching({ r: { sources: hourly('a'), results } })
    void run(world)
    expect([await world.time.step(), await world.time.step(), await world.time.step()]).toEqual([
      5 * SECOND,
      10 * SECOND,
      20 * SECOND,
    ])
    expect(world.told).toEqual(['a failed', 'a incomplete', 'a incomplete', 'a synced'])
    expect(await world.time.step()).toBe(EARLY_HOUR - 35 * SECOND)
    expect(world.told).toHaveLength(5)
  })

  it('comes back alone, and not before its time by a schedule that is shorter', async () => {
    const results = { bad: Array<PassReport['result']>(4).fill('failed') }
    const world = watching({ r: { sources: { bad: '2s', good: '2s' }, results } })
    void run(world)
    await world.time.pass(36 * SECOND)
    expect(world.rounds.filter((round) => round === 'bad')).toHaveLength(3)
    expect(world.rounds.filter((round) => round === 'bad good')).toHaveLength(1)
    await world.time.pass(60 * SECOND)
    expect(world.rounds.at(-1)).toBe('bad good')
  })

  it('comes back together with those of its repository that one cause troubles', async () => {
    const results = { a: ['failed', 'failed'], b: ['failed', 'failed'] } as Record<
      string,
      PassReport['result'][]
    >
    const world = watching({ r: { sources: hourly('a', 'b', 'c'), results } })
    void run(world)
    await world.time.pass(60 * SECOND)
    expect(world.rounds).toEqual(['a b c', 'a b', 'a b'])
  })

  it('is not tried again where a hint found it well meanwhile', async () => {
    const world = watching({ r: { sources: hourly('a'), results: { a: ['failed'] } } })
    void run(world)
    await quiet()
    world.watch.hint('a')
    await world.time.pass(60 * SECOND)
    expect(world.told).toEqual(['a failed', 'a unchanged'])
  })
})

describe('a hint', () => {
  it('looks at every source of that place, however their schedules and branches differ, and at no other', async () => {
    const world = watching({
      main: { sources: { a: '1h', b: '2h' }, place: 'same' },
      other: { sources: hourly('c'), place: 'same' },
      else: { sources: hourly('d') },
    })
    void run(world)
    await quiet()
    world.rounds.length = 0
    expect(world.watch.hint('b')).toBe(true)
    await quiet()
    expect(world.rounds.sort()).toEqual(['a b', 'c'])
  })

  it('that comes 200 times while a round runs costs one more', async () => {
    const { work, open } = gate()
    const world = watching({ r: { sources: hourly('a', 'b'), work } })
    void run(world)
    await quiet()
    for (let delivery = 0; delivery < 200; delivery++) world.watch.hint('a')
    await quiet()
    expect(world.rounds).toEqual(['a b'])
    open()
    await quiet()
    expect(world.rounds).toEqual(['a b', 'a b'])
    expect(world.told).toHaveLength(4)
  })

  it('makes a source that fails come back by itself', async () => {
    const world = watching({ r: { sources: hourly('a'), results: { a: ['synced', 'failed', 'synced'] } } })
    void run(world)
    await quiet()
    world.watch.hint('a')
    await world.time.pass(10 * SECOND)
    expect(world.told).toEqual(['a synced', 'a failed', 'a synced'])
  })

  it('is refused from the end on, and nothing is looked at any more', async () => {
    const world = watching({ r: { sources: hourly('a') } })
    const running = run(world)
    await quiet()
    world.stop.abort(new Error('ended'))
    expect(world.watch.hint('a')).toBe(false)
    await running
    expect(world.rounds).toEqual(['a'])
  })
})

describe('many repositories', () => {
  it('work at once up to a bound', async () => {
    const gates = Array.from({ length: 12 }, gate)
    let working = 0
    let most = 0
    const plans = gates.map(({ work }, index) => {
      const counted = async () => {
        most = Math.max(most, ++working)
        await work()
        working--
      }
      return [`r${index}`, { sources: hourly(`s${index}`), work: counted }] as const
    })
    const world = watching(Object.fromEntries(plans), { mostAtOnce: 3 })
    void run(world)
    for (const { open } of gates) {
      await quiet()
      expect(working).toBeLessThanOrEqual(3)
      open()
    }
    await quiet()
    expect([world.rounds.length, most, working]).toEqual([12, 3, 0])
  })

  it('that share a cache work one after another', async () => {
    const first = gate()
    const world = watching({
      main: { sources: hourly('a'), cache: 'shared', work: first.work },
      next: { sources: hourly('b'), cache: 'shared' },
      free: { sources: hourly('c') },
    })
    void run(world)
    await quiet()
    expect(world.rounds.sort()).toEqual(['a', 'c'])
    first.open()
    await quiet()
    expect(world.rounds).toContain('b')
  })
})

describe('the end', () => {
  it('waits for the round that is under way', async () => {
    const { work, open } = gate()
    const world = watching({ r: { sources: hourly('a'), work } })
    let ended = false
    const running = run(world).then(() => {
      ended = true
    })
    await quiet()
    world.stop.abort(new Error('ended'))
    await quiet()
    expect(ended).toBe(false)
    open()
    await running
  })

  it('is no failure where it stopped a round', async () => {
    const stopping: { stop?: () => void } = {}
    const work = async () => {
      stopping.stop?.()
      throw new Error('stopped')
    }
    const world = watching({ r: { sources: hourly('a'), work } })
    stopping.stop = () => world.stop.abort(new Error('ended'))
    await run(world)
  })

  it('comes with a failure that must not be, also of a round that only a hint asked for', async () => {
    let broken = false
    const work = async () => {
      if (broken) throw new Error('a bug')
    }
    const world = watching({ r: { sources: hourly('a'), work }, other: { sources: hourly('b') } })
    const running = run(world)
    await quiet()
    broken = true
    world.watch.hint('a')
    await expect(running).rejects.toThrow('a bug')
    expect(world.watch.hint('b')).toBe(false)
  })

  it('comes at once where there is nothing to watch and the signal says so', async () => {
    const world = watching({})
    const running = run(world)
    world.stop.abort(new Error('ended'))
    await running
  })
})
