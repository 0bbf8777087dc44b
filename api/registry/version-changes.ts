import { LIMITS } from '../contract/limits.ts'
import { compareReleases, higherRelease, type Release } from '../contract/release.ts'
import { releaseOf, statusOf } from '../contract/release-line.ts'
import type { VersionName } from '../contract/version-name.ts'
import type { VersionRecord } from '../store/records.ts'

/** Fields of a version that change. */
export type VersionChange = Partial<VersionRecord>

export function addedAlias({ aliases }: VersionRecord, alias: VersionName): VersionChange {
  return { aliases: [alias, ...aliases].slice(0, LIMITS.recentAliases) }
}

/** `null`: the version has a higher release that counts. */
export function countedRelease({ release }: VersionRecord, counted: Release): VersionChange | null {
  const highest = higherRelease(counted, release ?? undefined) ?? null
  return highest === release ? null : { release: highest }
}

/** Keeps the lowest release, and as many of the highest ones as there is room for. */
export function addedWaiting({ waiting }: VersionRecord, release: Release): VersionChange {
  const all = [...waiting, release].sort(compareReleases)
  return { waiting: all.filter((_, index) => index === 0 || index > all.length - LIMITS.waitingReleases) }
}

/** What the highest release of the prompt makes of a version; `null` if its status stays. */
export function settledStatus(
  version: VersionRecord,
  highest: Release | null,
  at: string,
): VersionChange | null {
  const status = statusOf(version, highest)
  return status === version.status ? null : { status, release: releaseOf(version, highest), releasedAt: at }
}
