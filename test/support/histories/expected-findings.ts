import type { PromptRow } from '../../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../../api/contract/release.ts'
import { brokenPaths, canCount, filesOf, misnamedPaths, promptsOf } from './meaning.ts'
import { ledgerOf, namesOf, revokedLabels, rowsOf } from './reading.ts'
import { type ReleasedPrompt, releasesOf } from './releases.ts'
import type { World } from './world.ts'

/**
 * The problems and holds that a settled source must report, as `code subject`. Derived from the repository, the
 * registry's answers and people's actions, independently of the controller's code.
 */
export async function expectedFindings(world: World): Promise<string[]> {
  const { api } = world
  const rows = await rowsOf(api)
  const ledger = await ledgerOf(api)
  const released = Map.groupBy(releasesOf(ledger, world.history), ({ id }) => id)
  const ids = new Set([...released.keys(), ...promptsOf(world.history.branch).keys()])
  const ofPrompts = await Promise.all(
    [...ids].map((id) => ofPrompt(world, id, rows.get(id), released.get(id) ?? [])),
  )
  const all = [
    ...ofFiles(world),
    ...unreachable(world, ledger),
    ...ofPrompts.flat(),
    ...keptInService(world, rows, ledger),
  ]
  return [...new Set(all)].sort()
}

function ofFiles({ history }: World): string[] {
  const bad = [...brokenPaths(history.branch), ...misnamedPaths(history.branch)]
  if (bad.length === 0 && filesOf(history.branch).size === 0) return ['nothing_found ']
  return bad.map((path) => `quarantined ${path}`)
}

/** Tags off the branch that would release more than all that count. */
function unreachable({ history, setting }: World, ledger: ReadonlyMap<string, string>): string[] {
  const promotes = (name: string) => {
    const release = history.meanings.get(name)?.release ?? null
    return release !== null && (setting.prereleases || !isPrerelease(release)) ? release : null
  }
  const isBeside = (name: string) => {
    const tag = history.tags.get(name)
    return tag !== undefined && setting.requireReachable && !ledger.has(name) && !history.isOnBranch(tag.at)
  }
  const names = new Set([...history.tags.keys(), ...ledger.keys()])
  const counted = [...names].filter((name) => !isBeside(name))
  return [...history.tags.values()].flatMap(({ name, of }) => {
    const release = promotes(name)
    if (release === null || !isBeside(name)) return []
    // A tag of a whole tree counts for each of its prompts.
    const rivals = counted.filter((other) => [of, null].includes(history.meanings.get(other)?.of ?? null))
    const isNewest = rivals.every((other) => {
      const theirs = promotes(other)
      return theirs === null || compareReleases(release, theirs) > 0
    })
    return isNewest ? [`release_unreachable ${name}`] : []
  })
}

/** Releases of a prompt that the registry must refuse or hold. */
async function ofPrompt(
  { api, history, setting }: World,
  id: string,
  row: PromptRow | undefined,
  released: readonly ReleasedPrompt[],
): Promise<string[]> {
  const revoked = row === undefined ? new Set<string>() : await revokedLabels(api, id)
  const draft = promptsOf(history.branch).get(id)?.version ?? null
  const highest = row?.highest_release ?? null
  const isAbove = ({ release }: ReleasedPrompt) => highest === null || compareReleases(release, highest) > 0
  const named = await namesOf(api, id, [...new Set(released.map(({ release }) => release))])
  const isListed = ({ tag, commit }: ReleasedPrompt) => history.tags.get(tag)?.at.oid === commit
  const readable = released.filter(({ label }) => label !== null)
  const inConflict = readable.filter(({ release, label }) => {
    const has = named.get(release)
    return has !== undefined && has !== label
  })
  const promotable = readable.filter(({ release }) => setting.prereleases || !isPrerelease(release))
  const above = promotable.filter((one) => isAbove(one) && !inConflict.includes(one))
  const isRefused = ({ label }: ReleasedPrompt) => label !== null && revoked.has(label)
  const viable = above.filter((one) => !isRefused(one))
  const isAtLeast = (one: ReleasedPrompt, least: 0 | 1) =>
    [...viable.map(({ release }) => release), highest].every(
      (top) => top === null || compareReleases(one.release, top) >= least,
    )
  const conflicts = inConflict.filter((one) => promotable.includes(one) && isListed(one) && isAtLeast(one, 0))
  const isDraftRefused = draft !== null && revoked.has(draft.label)
  const waits = viable.length > 0
  const misses = above.some((one) => isRefused(one) && isAtLeast(one, 1))
  return [
    ...(isDraftRefused || misses ? [`refused ${id}`] : []),
    ...(waits && row?.hold != null ? [`held ${id}`] : waits ? [`not promoted ${id}`] : []),
    ...new Set(
      conflicts.filter(({ label }) => !revoked.has(label ?? '')).map(({ tag }) => `release_conflict ${tag}`),
    ),
  ]
}

/** Prompts that a release no longer has, but that a hold keeps in service. */
function keptInService(
  { history, setting }: World,
  rows: ReadonlyMap<string, PromptRow>,
  ledger: ReadonlyMap<string, string>,
): string[] {
  if (!setting.prune) return []
  const branch = filesOf(history.branch)
  const [newest] = [...ledger]
    .flatMap(([name, commit]) => {
      const tag = history.tags.get(name)
      const counts = tag !== undefined && tag.at.oid === commit && tag.of === null && canCount(tag)
      const release = counts ? tag.release : null
      const promotes = release !== null && (setting.prereleases || !isPrerelease(release))
      return tag !== undefined && promotes ? [{ at: tag.at, release }] : []
    })
    .sort((a, b) => compareReleases(b.release, a.release))
  if (newest === undefined) return []
  const has = filesOf(newest.at)
  return [...rows.values()].flatMap(({ prompt_id: id, stable, hold, highest_release: highest }) => {
    const isGone = !branch.has(id) && !has.has(id) && stable !== null
    const isAbove = highest === null || compareReleases(newest.release, highest) > 0
    return isGone && isAbove && hold !== null ? [`held ${id}`] : []
  })
}
