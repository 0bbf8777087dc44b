import type { SourceConfig } from './config.ts'
import { retryDelay } from './pass/pass.ts'
import { endedWell, type PassReport } from './pass/pass-report.ts'
import { RepositoryQueue } from './rounds/repository-queue.ts'
import { createTurns, type InTurn } from './rounds/turns.ts'
import { untilNextPass } from './trigger/schedule.ts'

/** Sources that are read together. */
export interface WatchedRepository {
  readonly sources: readonly Pick<SourceConfig, 'name' | 'schedule'>[]
  /** Repositories with the same key are the same place: a hint about one is a hint about all. */
  readonly place: string
  /** Of repositories with the same cache, one works at a time. */
  readonly cache: string
  /** One round over these sources, which tells each pass as it ends. */
  readonly run: (
    sources: readonly string[],
    report: (report: PassReport) => void,
  ) => Promise<readonly PassReport[]>
}

export interface WatchInput {
  readonly repositories: readonly WatchedRepository[]
  /** Told of each pass once, whoever asked for it. */
  readonly report: (report: PassReport) => void
  readonly now: () => number
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
  /** How many repositories work at once; 8 unless told. */
  readonly mostAtOnce?: number
}

export interface Watch {
  /** Looks at every source by its schedule until the signal. Rejects where a round fails that must not. */
  run(): Promise<void>
  /** Looks soon at every source of that source's place. `false` where nobody looks any more. */
  hint(source: string): boolean
}

const LONGEST_PAUSE_MS = 86_400_000

/**
 * Keeps repositories in step. Sources of one repository with the same schedule are looked at together. A source whose
 * pass did not end well is looked at again ever later, and by its schedule once it is well; hints go before both.
 */
export function createWatch(input: WatchInput): Watch {
  const tasks = createTasks(input.signal)
  const inTurn = createTurns(input.mostAtOnce ?? 8)
  const caches = new Map<string, InTurn>()
  const kept = input.repositories.map((repository) => {
    const alone = caches.get(repository.cache) ?? createTurns(1)
    caches.set(repository.cache, alone)
    return { repository, keeper: keep(repository, input, tasks, (work) => alone(() => inTurn(work))) }
  })
  const placeOf = new Map(
    input.repositories.flatMap(({ sources, place }) => sources.map(({ name }) => [name, place])),
  )
  return {
    async run() {
      for (const { keeper } of kept) keeper.start()
      await tasks.ended()
    },
    hint(source) {
      if (tasks.signal.aborted) return false
      const place = placeOf.get(source)
      for (const { repository, keeper } of kept) if (repository.place === place) keeper.lookAtAll()
      return true
    },
  }
}

/** Looks at one repository: by schedules, again after trouble, and when it is asked to. */
function keep(repository: WatchedRepository, input: WatchInput, tasks: Tasks, inTurn: InTurn) {
  const { now, random } = input
  const { signal } = tasks
  const names = repository.sources.map(({ name }) => name)
  /** How often in a row each source's pass did not end well. */
  const failures = new Map<string, number>()
  const backingOff = new Set<string>()
  const queue = new RepositoryQueue(round, inTurn)

  async function round(sources: readonly string[]): Promise<ReadonlyMap<string, PassReport>> {
    signal.throwIfAborted()
    const reports = await repository.run(sources, input.report)
    for (const report of reports) {
      if (endedWell(report)) failures.delete(report.source)
      else failures.set(report.source, (failures.get(report.source) ?? 0) + 1)
    }
    const troubled = sources.filter((source) => failures.has(source) && !backingOff.has(source))
    // One cause may trouble all sources of a repository: they come back together.
    for (const [attempt, alike] of Map.groupBy(troubled, (source) => failures.get(source) ?? 1))
      tasks.start(comeBack(alike, attempt))
    return new Map(reports.map((report) => [report.source, report]))
  }
  async function comeBack(sources: readonly string[], attempt: number): Promise<void> {
    for (const source of sources) backingOff.add(source)
    await pauseLong(comeBackDelay(attempt, random()))
    for (const source of sources) backingOff.delete(source)
    await look(sources.filter((source) => failures.has(source)))
  }
  async function followSchedule(schedule: string, sources: readonly string[]): Promise<void> {
    while (!signal.aborted) {
      await look(sources.filter((source) => !backingOff.has(source)))
      await pauseLong(untilNextPass(schedule, now(), random()))
    }
  }
  async function look(sources: readonly string[]): Promise<void> {
    await Promise.all(sources.map((source) => queue.request(source)))
  }
  /** A timer that is set for longer than 24.8 days fires at once. */
  async function pauseLong(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LONGEST_PAUSE_MS)
      await input.pause(Math.min(left, LONGEST_PAUSE_MS), signal)
  }
  return {
    start() {
      for (const [schedule, sources] of Map.groupBy(repository.sources, (source) => source.schedule)) {
        const together = sources.map(({ name }) => name)
        tasks.start(followSchedule(schedule, together))
      }
    },
    lookAtAll: () => tasks.start(look(names)),
  }
}

interface Tasks {
  /** Aborted when the tasks should end. */
  readonly signal: AbortSignal
  start(task: Promise<void>): void
  /** Resolves after the signal, when every task has ended. Rejects with what failed before the signal. */
  ended(): Promise<void>
}

/** What goes on beside each other. The first failure ends it all; after the signal, failures are how tasks end. */
function createTasks(outside: AbortSignal): Tasks {
  const trouble = new AbortController()
  const signal = AbortSignal.any([outside, trouble.signal])
  const running = new Set<Promise<void>>()
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return {
    signal,
    start(task) {
      const noticed = task
        .catch((error: unknown) => {
          if (!signal.aborted) trouble.abort(error)
        })
        .finally(() => running.delete(noticed))
      running.add(noticed)
    },
    async ended() {
      await aborted
      while (running.size > 0) await Promise.all(running)
      if (trouble.signal.aborted) throw trouble.signal.reason
    },
  }
}

/** A little longer than any retry that the state names for that attempt, so that the pass does try again. */
function comeBackDelay(attempt: number, random: number): number {
  return Math.round(retryDelay(attempt, 1) * (1 + random / 10))
}
