import { compareReleases } from '../contract/release.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { PromptStore } from '../store/prompt-store.ts'
import type { Head, VersionRecord } from '../store/records.ts'

const LONGEST_CHAIN = 1000

/**
 * Where a rollback goes: to what was stable just before the stable version was last promoted, past revoked ones;
 * if there is none, to the next lower release; else nowhere (`null`).
 *
 * `usable` says which versions may become stable again.
 */
export async function rollbackTarget(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  usable: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const isTarget = (version: VersionRecord) =>
    version.label !== stable.label &&
    (version.status === 'deprecated' || version.status === 'stable') &&
    usable(version)
  return (
    (await earlierStable(store, head, stable, isTarget)) ??
    (await lowerRelease(store, head, stable, isTarget))
  )
}

async function earlierStable(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  isTarget: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const seen = new Set([stable.label])
  let label = stable.promotedOver
  while (label !== null && !seen.has(label) && seen.size < LONGEST_CHAIN) {
    seen.add(label)
    const version = await byName(store, head.promptId, label)
    if (version === undefined || isTarget(version)) return version ?? null
    label = version.promotedOver
  }
  return null
}

async function lowerRelease(
  store: PromptStore,
  head: Head,
  stable: VersionRecord,
  isTarget: (version: VersionRecord) => boolean,
): Promise<VersionRecord | null> {
  const from = startingRelease(head, stable)
  let cursor: string | undefined
  do {
    const page = await store.page<'releases'>({
      of: 'releases',
      promptId: head.promptId,
      from,
      limit: 100,
      cursor,
    })
    for (const { label, release } of page.items) {
      // Names that differ in their build metadata only are one release, and so not a lower one.
      if (stable.release !== null && release !== null && compareReleases(release, stable.release) >= 0)
        continue
      const version = await byName(store, head.promptId, label)
      if (version !== undefined && isTarget(version)) return version
    }
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return null
}

/** A release that was held above the line is no place to start from. */
function startingRelease(head: Head, stable: VersionRecord): string | null {
  const highest = head.highest?.release ?? null
  if (stable.release === null || highest === null) return stable.release ?? highest
  return compareReleases(stable.release, highest) < 0 ? stable.release : highest
}

async function byName(store: PromptStore, id: string, label: string): Promise<VersionRecord | undefined> {
  const key = versionNameKey(label)
  return (await store.find(id, { names: [key] })).byName.get(key)
}
