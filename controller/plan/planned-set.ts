import { compareReleases, type Release } from '../../api/contract/release.ts'
import type { PlannedChange } from './changes.ts'

/** The move of a source's set to what its prompts serve. It is the last write of a pass. */
export interface PlannedSet {
  /** The newest release among the promotions; `null` if no release causes the move. */
  readonly release: SetRelease | null
  /** Numbers of prompts that join the set, change in it and leave it. */
  readonly added: number
  readonly replaced: number
  readonly removed: number
}

export interface SetRelease {
  readonly tag: string
  readonly version: Release
}

/** Identities by prompt id. */
export type Members = ReadonlyMap<string, string>

/** A source's current set beside what its prompts serve. */
export interface StandingSet {
  /** `null` before the first complete pass. */
  readonly members: Members | null
  /** The tag that it was last made for. */
  readonly release: string | null
  /** The stable versions of the source's prompts. */
  readonly served: Members
}

export interface SetInput {
  /** `null` if the set is known to be up to date. */
  readonly standing: StandingSet | null
  /** The release of an earlier pass that did not move the set. */
  readonly unfinished: SetRelease | null
}

/** How the source's set moves after these changes; `null` if it stays. A source that serves nothing needs no first set. Pure. */
export function planSet(
  changes: readonly PlannedChange[],
  { standing, unfinished }: SetInput,
): PlannedSet | null {
  const { members, served, release: current = null } = standing ?? assumed(changes)
  const after = new Map(served)
  for (const { id, identity } of changes.flatMap(effectOf)) {
    if (identity === null) after.delete(id)
    else after.set(id, identity)
  }
  const counts = differenceOf(members ?? new Map(), after)
  const release = newestOf(changes) ?? unfinished
  const isNewRelease = changes.some(({ do: what }) => what === 'promote') || isLeft(unfinished, current)
  const isDue = isNewRelease || hasAny(counts)
  return isDue ? { release, ...counts } : null
}

/** Whether a change replaces what its prompt serves. */
export function movesStable(change: PlannedChange): boolean {
  return effectOf(change).length > 0
}

interface Effect {
  readonly id: string
  /** The stable version afterwards; `null` if none. */
  readonly identity: string | null
  /** The name of the stable version before; `null` if none. */
  readonly from: string | null
}

function effectOf(change: PlannedChange): Effect[] {
  const { id } = change
  if (change.do === 'promote' && change.swaps) return [{ id, identity: change.identity, from: change.from }]
  if (change.do === 'retire') return [{ id, identity: null, from: change.from }]
  if (change.do === 'heal' && change.stable !== null)
    return [{ id, identity: change.stable.identity, from: change.stable.version }]
  return []
}

/** The set before the changes. The version has no identity here, and it differs from the new one. */
function assumed(
  changes: readonly PlannedChange[],
): Omit<StandingSet, 'release'> & { readonly release?: null } {
  const before = new Map<string, string>()
  const seen = new Set<string>()
  for (const { id, from } of changes.flatMap(effectOf)) {
    if (!seen.has(id) && from !== null) before.set(id, '')
    seen.add(id)
  }
  return { members: before, served: before }
}

function isLeft(unfinished: SetRelease | null, current: string | null): boolean {
  return unfinished !== null && unfinished.tag !== current
}

type Counts = Pick<PlannedSet, 'added' | 'replaced' | 'removed'>

function differenceOf(before: Members, after: Members): Counts {
  const added = [...after.keys()].filter((id) => !before.has(id)).length
  const removed = [...before.keys()].filter((id) => !after.has(id)).length
  const replaced = [...after].filter(([id, identity]) => (before.get(id) ?? identity) !== identity).length
  return { added, replaced, removed }
}

function hasAny({ added, replaced, removed }: Counts): boolean {
  return added + replaced + removed > 0
}

function newestOf(changes: readonly PlannedChange[]): SetRelease | null {
  return changes.reduce<SetRelease | null>((newest, change) => {
    if (change.do !== 'promote') return newest
    const { tag, release: version } = change
    return newest !== null && compareReleases(version, newest.version) <= 0 ? newest : { tag, version }
  }, null)
}
