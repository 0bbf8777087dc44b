import type { SourceConfig } from '../configuration/config.ts'
import { retryDelay } from '../state/due-pass.ts'
import { endedWell, type PassReport } from '../state/pass-report.ts'
import { untilNextPass } from '../values/schedule.ts'
import { createPlaceTurns, type NoteStanding } from './place-turns.ts'
import { RepositoryQueue } from './repository-queue.ts'
import { createTurns, type InTurn } from './turns.ts'

/** Sources that are read together. */
export interface WatchedRepository {
  readonly sources: readonly Pick<SourceConfig, 'name' | 'schedule'>[]
  /** A hint about one repository is a hint about all with the same key. */
  readonly key: string
  /** Repositories of one place take turns, so that a slow place keeps no other one waiting. */
  readonly place: string
  /** Repositories with the same cache run one at a time. */
  readonly cache: string
  /** One round over these sources, which reports each pass as it ends, and notes how the place answers. */
  readonly run: (
    sources: readonly string[],
    report: (report: PassReport) => void,
    note: NoteStanding,
  ) => Promise<readonly PassReport[]>
}

export interface WatchInput {
  readonly repositories: readonly WatchedRepository[]
  /** Called once per pass. */
  readonly report: (report: PassReport) => void
  readonly now: () => number
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
  /** How many repositories of places that answer work at once. Default: 8. Of all others, twice as many may. */
  readonly mostAtOnce?: number
}

export interface SourceWatch {
  /** Runs passes of every source by its schedule until the signal aborts. Rejects if a round throws. */
  run(): Promise<void>
  /** Looks soon at every source of that source's repository. `false` if nobody looks any more. */
  hint(source: string): boolean
}

const LONGEST_PAUSE_MS = 86_400_000

/**
 * Watches repositories. Sources of one repository with the same schedule share a round. After a failed pass, a
 * source retries with backoff instead of by its schedule until a pass succeeds. Hints skip both waits.
 */
export function createWatch(input: WatchInput): SourceWatch {
  const tasks = createTasks(input.signal)
  const { mostAtOnce = 8, pause } = input
  const takeTurn = createPlaceTurns({ limits: { main: mostAtOnce, side: 2 * mostAtOnce }, pause })
  const caches = new Map<string, InTurn>()
  const kept = input.repositories.map((repository) => {
    const alone = caches.get(repository.cache) ?? createTurns(1)
    caches.set(repository.cache, alone)
    return {
      repository,
      keeper: keep(repository, input, tasks, (work) => alone(() => takeTurn(repository.place, work))),
    }
  })
  const keyOf = new Map(
    input.repositories.flatMap(({ sources, key }) => sources.map(({ name }) => [name, key])),
  )
  return {
    async run() {
      for (const { keeper } of kept) keeper.start()
      await tasks.ended()
    },
    hint(source) {
      if (tasks.signal.aborted) return false
      const key = keyOf.get(source)
      for (const { repository, keeper } of kept) if (repository.key === key) keeper.lookAtAll()
      return true
    },
  }
}

type InTurnOfPlace = <T>(work: (note: NoteStanding) => Promise<T>) => Promise<T>

/** Looks at one repository: by schedules, again after trouble, and when it is asked to. */
function keep(repository: WatchedRepository, input: WatchInput, tasks: Tasks, inTurn: InTurnOfPlace) {
  const { now, random } = input
  const { signal } = tasks
  const names = repository.sources.map(({ name }) => name)
  /** Consecutive failures of each source. */
  const failures = new Map<string, number>()
  const backingOff = new Set<string>()
  const queue = new RepositoryQueue(round, inTurn)

  async function round(
    sources: readonly string[],
    note: NoteStanding,
  ): Promise<ReadonlyMap<string, PassReport>> {
    signal.throwIfAborted()
    const reports = await repository.run(sources, input.report, note)
    for (const report of reports) {
      if (endedWell(report)) failures.delete(report.source)
      else failures.set(report.source, (failures.get(report.source) ?? 0) + 1)
    }
    const troubled = sources.filter((source) => failures.has(source) && !backingOff.has(source))
    // One cause may fail all sources of a repository, so they retry together.
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
  /** A timer of more than 24.8 days would fire at once. */
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
  /** Aborts when the tasks should stop. */
  readonly signal: AbortSignal
  start(task: Promise<void>): void
  /** Resolves when the signal has aborted and every task has ended. Rejects with a failure before the signal. */
  ended(): Promise<void>
}

/** Concurrent tasks. The first failure stops all. Failures after the signal are expected and ignored. */
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

/** A little longer than the retry delay in the state, so that the retry is due when the pass runs. */
function comeBackDelay(attempt: number, random: number): number {
  return Math.round(retryDelay(attempt, 1) * (1 + random / 10))
}
