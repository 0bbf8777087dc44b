import { describe, expect, it, onTestFinished } from 'vitest'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import type { NoteStanding } from '../../../controller/watch/place-turns.ts'
import { createWatch, type WatchedRepository } from '../../../controller/watch/serve.ts'
import { quiet, virtualTime } from '../../support/virtual-time.ts'

const SECOND = 1000
const HOUR = 3_600_000
/** The interval of "1h" for a random value of 0. */
const EARLY_HOUR = 3_420_000

interface Plan {
  /** The schedules of the repository's sources, by name. */
  readonly sources: Readonly<Record<string, string>>
  readonly key?: string
  readonly place?: string
  readonly cache?: string
  /** The results of a source's passes, in order; successes after that. */
  readonly results?: Readonly<Record<string, PassReport['result'][]>>
  /** Stands in for the work of a round. */
  readonly work?: (note: NoteStanding) => Promise<unknown>
}

/** A watch in virtual time over repositories, of which only the rounds are recorded. */
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
  const { sources, key = address, place = address, cache = address, results = {} } = plan
  const { work = async () => {} } = plan
  return {
    sources: Object.entries(sources).map(([name, schedule]) => ({ name, schedule })),
    key,
    place,
    cache,
    async run(names, report, note) {
      rounds.push(names.join(' '))
      await work(note)
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
    findings: [],
    news: [],
    message: null,
    cause: null,
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

/** Work that runs until it is told to stop. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, open: () => resolve() }
}

const hourly = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '1h']))

describe('the schedules of a repository', () => {
  it('start all its sources in one round, at once and then by schedule', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    const world = watching({ r: { sources: hourly(...names) } })
    void run(world)
    await quiet()
    expect(world.rounds).toEqual([names.join(' ')])
    expect(await world.time.step()).toBe(EARLY_HOUR)
    expect(world.rounds).toEqual([names.join(' '), names.join(' ')])
    expect(world.told).toHaveLength(40)
  })

  it('may differ, and share a round when they coincide', async () => {
    const world = watching({ r: { sources: { often: '10m', seldom: '30m' } } })
    void run(world)
    await world.time.pass(HOUR)
    expect(world.rounds[0]).toBe('often seldom')
    const of = (name: string) => world.rounds.filter((round) => round.split(' ').includes(name)).length
    expect([of('often'), of('seldom')]).toEqual([7, 3])
  })

  it('are followed in parts if the next time is beyond the longest timer', async () => {
    const world = watching({ r: { sources: { a: '0 0 1 4 *' } } })
    void run(world)
    for (let day = 1; day <= 30; day++) expect(await world.time.step()).toBe(24 * HOUR)
    expect(world.rounds).toHaveLength(1)
    expect(await world.time.step()).toBe(12 * HOUR)
    expect(world.rounds).toHaveLength(2)
  })
})

describe('a source whose pass failed', () => {
  it('retries with backoff, and follows its schedule again after a success', async () => {
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

  it('retries alone, and not earlier because of a shorter schedule', async () => {
    const results = { bad: Array<PassReport['result']>(4).fill('failed') }
    const world = watching({ r: { sources: { bad: '2s', good: '2s' }, results } })
    void run(world)
    await world.time.pass(36 * SECOND)
    expect(world.rounds.filter((round) => round === 'bad')).toHaveLength(3)
    expect(world.rounds.filter((round) => round === 'bad good')).toHaveLength(1)
    await world.time.pass(60 * SECOND)
    expect(world.rounds.at(-1)).toBe('bad good')
  })

  it('retries together with the other failed sources of its repository', async () => {
    const results = { a: ['failed', 'failed'], b: ['failed', 'failed'] } as Record<
      string,
      PassReport['result'][]
    >
    const world = watching({ r: { sources: hourly('a', 'b', 'c'), results } })
    void run(world)
    await world.time.pass(60 * SECOND)
    expect(world.rounds).toEqual(['a b c', 'a b', 'a b'])
  })

  it('does not retry if a hint led to a success meanwhile', async () => {
    const world = watching({ r: { sources: hourly('a'), results: { a: ['failed'] } } })
    void run(world)
    await quiet()
    world.watch.hint('a')
    await world.time.pass(60 * SECOND)
    expect(world.told).toEqual(['a failed', 'a unchanged'])
  })
})

describe('a hint', () => {
  it('looks at every source of that repository, however their schedules and branches differ, and at no other', async () => {
    const world = watching({
      main: { sources: { a: '1h', b: '2h' }, key: 'same' },
      other: { sources: hourly('c'), key: 'same' },
      else: { sources: hourly('d') },
    })
    void run(world)
    await quiet()
    world.rounds.length = 0
    expect(world.watch.hint('b')).toBe(true)
    await quiet()
    expect(world.rounds.sort()).toEqual(['a b', 'c'])
  })

  it('that comes 200 times during a round starts one more', async () => {
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

  it('makes a source that fails retry by itself', async () => {
    const world = watching({ r: { sources: hourly('a'), results: { a: ['synced', 'failed', 'synced'] } } })
    void run(world)
    await quiet()
    world.watch.hint('a')
    await world.time.pass(10 * SECOND)
    expect(world.told).toEqual(['a synced', 'a failed', 'a synced'])
  })

  it('is refused after the end, and starts nothing', async () => {
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
  it('work at once up to a bound, twice as many if nobody knows yet whether their places answer', async () => {
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
    const world = watching(Object.fromEntries(plans), { mostAtOnce: 2 })
    void run(world)
    for (const { open } of gates) {
      await quiet()
      expect(working).toBeLessThanOrEqual(4)
      open()
    }
    await quiet()
    expect([world.rounds.length, most, working]).toEqual([12, 4, 0])
  })

  it('of one place work one at a time until it answers, and then up to the bound', async () => {
    const gates = Array.from({ length: 6 }, gate)
    let notes: NoteStanding[] = []
    const plans = gates.map(({ work }, index) => {
      const noted = (note: NoteStanding) => {
        notes.push(note)
        return work()
      }
      return [`r${index}`, { sources: hourly(`s${index}`), place: 'host', work: noted }] as const
    })
    const world = watching(Object.fromEntries(plans), { mostAtOnce: 3 })
    void run(world)
    await quiet()
    expect(world.rounds).toEqual(['s0'])
    notes[0]?.('answers')
    await quiet()
    // One that began before it was known, and three beside it.
    expect(world.rounds).toEqual(['s0', 's1', 's2', 's3'])
    for (const { open } of gates) open()
    await quiet()
    expect(world.rounds).toHaveLength(6)
    notes = []
  })

  it('that share a cache run one after another', async () => {
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

describe('a slow place', () => {
  /** Repositories that work until they are told to end, each by a gate. */
  function stuck(count: number, placeOf: (index: number) => string) {
    const gates = Array.from({ length: count }, gate)
    const plans = gates.map(({ work }, index) => {
      return [`slow${index}`, { sources: hourly(`slow${index}`), place: placeOf(index), work }] as const
    })
    return { gates, plans: Object.fromEntries(plans) }
  }

  it('has one turn at a time, while a good source is done after its own work', async () => {
    const { gates, plans } = stuck(8, () => 'silent.example.com')
    const world = watching({ ...plans, good: { sources: hourly('good') } })
    void run(world)
    await quiet()
    expect(world.rounds).toEqual(['slow0', 'good'])
    expect(world.told).toEqual(['good unchanged'])
    expect(world.time.now()).toBe(Date.parse('2026-03-01T12:00:00Z'))
    for (const { open } of gates) open()
  })

  it('keeps no other place waiting, also if eight of them are asked first', async () => {
    const { gates, plans } = stuck(8, (index) => `silent${index}.example.com`)
    const world = watching({ ...plans, good: { sources: hourly('good') } })
    void run(world)
    await quiet()
    expect(world.told).toEqual(['good unchanged'])
    for (const { open } of gates) open()
  })

  it('goes behind the places that nobody knows yet, once it is known', async () => {
    const noting = async (note: NoteStanding) => note('slow')
    const { work, open } = gate()
    const world = watching(
      {
        slow: { sources: hourly('slow'), place: 'slow', work: noting },
        first: { sources: hourly('first'), work },
        second: { sources: hourly('second'), work },
        third: { sources: hourly('third'), work },
      },
      { mostAtOnce: 1 },
    )
    void run(world)
    await quiet()
    world.watch.hint('slow')
    await quiet()
    expect(world.rounds).toEqual(['slow', 'first', 'second'])
    open()
    await quiet()
    expect(world.rounds).toEqual(['slow', 'first', 'second', 'third', 'slow'])
  })

  it('is also one that has turns which take long: they keep no place that answers waiting', async () => {
    const gates = Array.from({ length: 3 }, gate)
    const plans = gates.map(({ work }, index) => {
      const answered = async (note: NoteStanding) => {
        note('answers')
        await work()
      }
      return [`big${index}`, { sources: hourly(`big${index}`), place: 'big', work: answered }] as const
    })
    const good = { sources: { good: '20s' }, place: 'good' }
    const world = watching({ good, ...Object.fromEntries(plans) }, { mostAtOnce: 2 })
    void run(world)
    await world.time.pass(59 * SECOND)
    expect(world.rounds.filter((round) => round !== 'good')).toEqual(['big0', 'big1', 'big2'])
    const before = world.told.length
    await world.time.pass(60 * SECOND)
    expect(world.told.length).toBeGreaterThan(before + 1)
    for (const { open } of gates) open()
    await quiet()
    expect(world.told.filter((line) => line.startsWith('big'))).toHaveLength(3)
  })
})

describe('the end', () => {
  it('waits for the running round', async () => {
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

  it('is not a failure if it stopped a round', async () => {
    const stopping: { stop?: () => void } = {}
    const work = async () => {
      stopping.stop?.()
      throw new Error('stopped')
    }
    const world = watching({ r: { sources: hourly('a'), work } })
    stopping.stop = () => world.stop.abort(new Error('ended'))
    await run(world)
  })

  it('comes with an unexpected failure, even of a round that only a hint started', async () => {
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

  it('comes at once if there is nothing to watch and the signal has aborted', async () => {
    const world = watching({})
    const running = run(world)
    world.stop.abort(new Error('ended'))
    await running
  })
})
