import { expect } from 'vitest'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import { canCount } from './meaning.ts'
import { labelAt, ledgerOf, revokedLabels, rowsOf } from './reading.ts'
import { type ReleasedPrompt, releasesOf } from './releases.ts'
import type { World } from './world.ts'

/**
 * A registry rebuilt from the current repository agrees with this one on every tag that is still at its first
 * commit, reachable, within the backfill and without a conflict. Stable versions agree as far as such tags decide
 * them. Actions of people are not in git.
 */
export async function expectSameAsRebuilt(world: World): Promise<void> {
  const { history, setting, touched } = world
  const rebuilt = world.rebuild()
  await rebuilt.settle()
  const ledger = await ledgerOf(world.api)
  const counting = [...history.tags.values()].filter(
    (tag) => canCount(tag) && (!setting.requireReachable || history.isOnBranch(tag.at)),
  )
  const unseen = counting.filter(({ name }) => !ledger.has(name)).map(({ name }) => name)
  expect(unseen, 'tags that nobody saw').toEqual([])

  const listed = counting.map(({ name, at }): [string, string] => [name, at.oid])
  const moved = listed.filter(([tag, commit]) => ledger.get(tag) !== commit)
  const all = releasesOf([...ledger, ...moved], history)
  const unmoved = new Set(listed.filter(([tag, commit]) => ledger.get(tag) === commit).map(([tag]) => tag))
  const rows = { world: await rowsOf(world.api), rebuilt: await rowsOf(rebuilt.api) }
  for (const [id, releases] of Map.groupBy(all, (one) => one.id)) {
    const revoked = touched.has(id) ? await revokedLabels(world.api, id) : new Set()
    for (const { label, release } of named(releases, unmoved, setting.backfill)) {
      if (revoked.has(label)) continue
      const pins = [
        await labelAt(world.api, `${id}@${release}`),
        await labelAt(rebuilt.api, `${id}@${release}`),
      ]
      expect(pins, `${id}@${release}, here and rebuilt`).toEqual([label, label])
    }
    const stable = stableBy(releases, unmoved, setting.prereleases)
    const retired = rows.world.get(id)?.retired ?? rows.rebuilt.get(id)?.retired ?? null
    if (touched.has(id) || stable === undefined || retired !== null) continue
    const both = [rows.world.get(id)?.stable ?? null, rows.rebuilt.get(id)?.stable ?? null]
    expect(both, `what is stable of ${id}, here and rebuilt`).toEqual([stable, stable])
  }
  // A rebuilt registry never saw a prompt move.
  for (const row of rows.rebuilt.values()) expect(row.moved_to).toBeNull()
  rebuilt.close()
}

/** The names that the unmoved tags certainly imply. */
function named(releases: readonly ReleasedPrompt[], unmoved: ReadonlySet<string>, backfill: number) {
  return releases.filter(({ tag, release, label }) => {
    const rivals = releases.filter((other) => other.release === release && other.label !== label)
    const above = releases.filter(
      (other) => other.release !== release && compareReleases(other.release, release) >= 0,
    )
    const place = new Set(above.map((other) => other.release)).size
    return unmoved.has(tag) && label !== null && rivals.length === 0 && place < backfill
  })
}

/** The stable version according to the highest release; `undefined` if it depends on which tag counted first. */
function stableBy(
  releases: readonly ReleasedPrompt[],
  unmoved: ReadonlySet<string>,
  prereleases: boolean,
): string | null | undefined {
  const promotable = releases.filter(
    ({ label, release }) => label !== null && (prereleases || !isPrerelease(release)),
  )
  const [highest = null] = promotable.map(({ release }) => release).sort((a, b) => compareReleases(b, a))
  if (highest === null) return null
  const deciding = promotable.filter(({ release }) => compareReleases(release, highest) === 0)
  const labels = new Set(deciding.map(({ label }) => label))
  const certain = labels.size === 1 && deciding.every(({ tag }) => unmoved.has(tag))
  return certain ? deciding[0]?.label : undefined
}
