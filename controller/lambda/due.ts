import { createHash } from 'node:crypto'
import type { SourceConfig } from '../config.ts'
import { sameRepositoryKey } from '../source/repository-address.ts'
import { configDigest, type SourceState } from '../state/source-state.ts'
import { isDueInMinute, nextMoment } from '../trigger/schedule.ts'

/** Decisions of the schedule, which knows nothing but the minute it is about. Pure: times are milliseconds since the epoch. */

/** What the registry knows of a source. */
export interface KnownSource {
  /** What passes left; `null` before the first one. */
  readonly state: SourceState | null
  /** A pass is writing. */
  readonly busy: boolean
}

/** By name; without an entry, nothing can be told of a source. */
export type KnownSources = ReadonlyMap<string, KnownSource>

/** The sources to look at in the minute that ends at `at`, those of one repository together. */
export function dueTogether(
  sources: readonly SourceConfig[],
  known: KnownSources,
  at: number,
): readonly (readonly SourceConfig[])[] {
  return byPlace(sources.filter((source) => isDue(source, known.get(source.name), at)))
}

/** Sources of one repository, however its address is written: one listing does for all of them. */
export function byPlace(sources: readonly SourceConfig[]): readonly (readonly SourceConfig[])[] {
  return [...Map.groupBy(sources, ({ repository }) => sameRepositoryKey(repository)).values()]
}

function isDue(source: SourceConfig, known: KnownSource | undefined, at: number): boolean {
  // Another pass would only wait for the one that is under way, which may take many minutes.
  if (known?.busy) return false
  return isDueInMinute(source.schedule, at, shareOf(source.repository)) || wantsLook(source, known, at)
}

/** What does not wait for the schedule: a source never looked at, a retry whose time has come, a new configuration. */
function wantsLook(source: SourceConfig, known: KnownSource | undefined, at: number): boolean {
  if (known === undefined) return false
  const { state } = known
  if (state === null) return true
  if (state.retry !== null) return Date.parse(state.retry.not_before) <= at
  return !source.suspended && state.held === null && state.config_digest !== configDigest(source)
}

/** At least 0, below 1: spreads repositories over an interval, and keeps the sources of each together. */
function shareOf(repository: string): number {
  return createHash('sha256').update(sameRepositoryKey(repository)).digest().readUInt32BE() / 2 ** 32
}

export interface Overdue {
  readonly source: string
  /** Since the moment at which a complete pass was to come. */
  readonly ms: number
}

/** The sources without a complete pass although their schedule asked for one, the longest first. */
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
  // A source that never had a complete pass has waited since its first one.
  const since = state?.complete_at ?? state?.passes.at(-1)?.started_at
  return since === undefined ? 0 : Math.max(0, at - nextMoment(schedule, Date.parse(since)))
}
