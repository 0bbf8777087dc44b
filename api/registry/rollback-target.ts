import { compareReleases, type Release } from '../contract/release.ts'
import { releaseOf, statusOf } from '../contract/release-line.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { Head, VersionRecord } from '../store/records.ts'
import { allPages } from './all-pages.ts'
import { findVersion } from './find-prompt.ts'
import { isRolledBack } from './head-changes.ts'

const LONGEST_CHAIN = 1000

/**
 * The target of a rollback: the version that was stable before the current one was promoted, skipping revoked ones; else
 * the next lower release; else `null`. Versions that a person rolled back from since the last release come last, so
 * that a second emergency does not undo the first. `usable` tests whether a version may become stable again.
 */
export async function rollbackTarget(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  usable: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const highest = head.highest?.release ?? null
  const isTarget = (version: VersionRecord) =>
    version.version !== stable.version &&
    ['deprecated', 'stable'].includes(statusOf(version, highest)) &&
    usable(version)
  const isBetter = (version: VersionRecord) => isTarget(version) && !isRolledBack(head, version)
  const searches = head.rolledBack.length === 0 ? [isTarget] : [isBetter, isTarget]
  for (const search of searches) {
    const found =
      (await earlierStable(store, head, stable, search)) ?? (await lowerRelease(store, head, stable, search))
    if (found !== null) return found
  }
  return null
}

/** The highest release of the prompt, including waiting ones. */
export async function highestNamed(store: PromptStore, { promptId }: Head): Promise<Release | null> {
  const page = await store.page<'releases'>({ of: 'releases', promptId, from: null, limit: 1 })
  return page.items[0]?.release ?? null
}

async function earlierStable(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  isTarget: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const seen = new Set([stable.version])
  let version = stable.promotedOver
  while (version !== null && !seen.has(version) && seen.size < LONGEST_CHAIN) {
    seen.add(version)
    const record = await findVersion(store, head.promptId, version)
    if (record === undefined || isTarget(record)) return record ?? null
    version = record.promotedOver
  }
  return null
}

async function lowerRelease(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  isTarget: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const highest = head.highest?.release ?? null
  const own = releaseOf(stable, highest)
  const from = startingRelease(highest, own)
  const { promptId } = head
  const releases = allPages((cursor) =>
    store.page<'releases'>({ of: 'releases', promptId, from, limit: 100, cursor }),
  )
  for await (const { version, release } of releases) {
    // Names that differ only in build metadata are the same release, so neither is lower.
    if (own !== null && release !== null && compareReleases(release, own) >= 0) continue
    const record = await findVersion(store, promptId, version)
    if (record !== undefined && isTarget(record)) return record
  }
  return null
}

/** A release held above the line is not a starting point. */
function startingRelease(highest: Release | null, own: Release | null): Release | null {
  if (own === null || highest === null) return own ?? highest
  return compareReleases(own, highest) < 0 ? own : highest
}
