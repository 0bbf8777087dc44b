import { createHash } from 'node:crypto'
import type { SourceConfig } from '../configuration/config.ts'
import { placeOf, sameRepositoryKey } from '../source/repository-address.ts'
import { configDigest, type SourceState } from '../state/source-state.ts'
import { isDueInMinute, nextMoment } from '../values/schedule.ts'

/** Decides which sources are due in a minute. Pure. Times are in milliseconds since the epoch. */

/** The registry's record of a source. */
export interface KnownSource {
  /** `null` before the first pass. */
  readonly state: SourceState | null
  /** Whether a pass is running. */
  readonly busy: boolean
}

/** By name. A source without an entry is unknown to the registry. */
export type KnownSources = ReadonlyMap<string, KnownSource>

/** The sources to look at in the minute that ends at `at`, those of one repository together, slow places last. */
export function dueTogether(
  sources: readonly SourceConfig[],
  known: KnownSources,
  at: number,
): readonly (readonly SourceConfig[])[] {
  const due = sources.filter((source) => isDue(source, known.get(source.name), at))
  return byRepository(slowPlacesLast(due, known, sources))
}

/**
 * The sources with those of slow places last: a place is slow if, of `all` its sources, the one that was looked at last
 * found it unreachable.
 */
export function slowPlacesLast(
  sources: readonly SourceConfig[],
  known: KnownSources,
  all: readonly SourceConfig[] = sources,
): readonly SourceConfig[] {
  const last = new Map<string, SourceState>()
  for (const { name, repository } of all) {
    const state = known.get(name)?.state
    const place = placeOf(repository)
    if (state != null && state.checked_at >= (last.get(place)?.checked_at ?? '')) last.set(place, state)
  }
  const isSlow = ({ repository }: SourceConfig) => isUnreachable(last.get(placeOf(repository)))
  return [...sources.filter((source) => !isSlow(source)), ...sources.filter(isSlow)]
}

function isUnreachable(state: SourceState | undefined): boolean {
  const fetched = state?.conditions.find(({ type }) => type === 'Fetched')
  return fetched?.status === 'False' && fetched.reason === 'Unreachable'
}

/** Sources of one repository, however its address is written: one listing does for all of them. */
export function byRepository(sources: readonly SourceConfig[]): readonly (readonly SourceConfig[])[] {
  return [...Map.groupBy(sources, ({ repository }) => sameRepositoryKey(repository)).values()]
}

function isDue(source: SourceConfig, known: KnownSource | undefined, at: number): boolean {
  // Another pass would only wait for the running one, which can take many minutes.
  if (known?.busy) return false
  return isDueInMinute(source.schedule, at, shareOf(source.repository)) || wantsLook(source, known, at)
}

/** Due regardless of the schedule: a new source, a due retry, or a new configuration. */
function wantsLook(source: SourceConfig, known: KnownSource | undefined, at: number): boolean {
  if (known === undefined) return false
  const { state } = known
  if (state === null) return true
  if (state.retry !== null) return Date.parse(state.retry.not_before) <= at
  return !source.suspended && state.held === null && state.config_digest !== configDigest(source)
}

/** Offset within an interval, at least 0 and below 1. Spreads repositories, but not the sources of one. */
function shareOf(repository: string): number {
  return createHash('sha256').update(sameRepositoryKey(repository)).digest().readUInt32BE() / 2 ** 32
}

export interface Overdue {
  readonly source: string
  /** Milliseconds since a complete pass was due. */
  readonly ms: number
}

/** The sources whose next complete pass is late, longest first. */
export function overdueSources(
  sources: readonly SourceConfig[],
  known: KnownSources,
  at: number,
): readonly Overdue[] {
  return sources
    .filter(({ suspended }) => !suspended)
    .map(({ name, schedule }) => ({ source: name, ms: overdueMs(schedule, known.get(name)?.state, at) }))
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms)
}

function overdueMs(schedule: string, state: SourceState | null | undefined, at: number): number {
  // Without any complete pass, a source has been waiting since its first pass.
  const since = state?.complete_at ?? state?.passes.at(-1)?.started_at
  return since === undefined ? 0 : Math.max(0, at - nextMoment(schedule, Date.parse(since)))
}
