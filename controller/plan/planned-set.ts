import { compareReleases, type Release } from '../../api/contract/release.ts'
import { isLower } from '../releases/whole-releases.ts'
import type { PlannedChange } from './changes.ts'

/** The move of a source's set to what its prompts serve. It is the last write of a pass. */
export interface PlannedSet {
  /** The newest release among the promotions and retirements; `null` if no release causes the move. */
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
  /** The release of a tag that covers whole trees; `undefined` for other tags, which have no order. */
  readonly wholeRelease: (tag: string) => Release | undefined
}

/** How the source's set moves after these changes; `null` if it stays. A source that serves nothing needs no first set. Pure. */
export function planSet(changes: Iterable<PlannedChange>, input: SetInput): PlannedSet | null {
  const { standing } = input
  /** The set before the changes, if it is not known. The version has no identity here, and it differs from the new one. */
  const assumed = new Map<string, string>()
  const members = standing === null ? assumed : (standing.members ?? NO_MEMBERS)
  const after = new Map(standing?.served)
  const seen = new Set<string>()
  let newest: SetRelease | null = null
  for (const change of changes) {
    // A prompt that waited can be promoted by an older release, and retired by the newest one in the same plan.
    if (change.do === 'promote' || change.do === 'retire')
      newest = newerOf(newest, { tag: change.tag, version: change.release })
    for (const { id, identity, from } of effectOf(change)) {
      if (standing === null && from !== null && !seen.has(id)) assumed.set(id, '')
      seen.add(id)
      if (identity === null) after.delete(id)
      // The identity of a new member is not compared.
      else after.set(id, members.has(id) ? identity : '')
    }
  }
  const counts = differenceOf(members, after)
  const release = nameAfter(newest, input)
  const isNewName = release !== null && release.tag !== standing?.release
  return isNewName || hasAny(counts) ? { release, ...counts } : null
}

/**
 * The release that a set is named after. One below that of the current set completes that set, which keeps its name: a
 * hold may have ended, or the newer release may lack the prompt.
 */
function nameAfter(
  newest: SetRelease | null,
  { standing, unfinished, wholeRelease }: SetInput,
): SetRelease | null {
  const current = standing?.release ?? null
  const version = current === null ? undefined : wholeRelease(current)
  const named = (release: SetRelease): SetRelease =>
    current !== null && version !== undefined && isLower(wholeRelease(release.tag), version)
      ? { tag: current, version }
      : release
  const releases = [newest, unfinished].flatMap((release) => (release === null ? [] : [named(release)]))
  return releases.find(({ tag }) => tag !== current) ?? releases[0] ?? null
}

const NO_MEMBERS: Members = new Map()

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

function newerOf(newest: SetRelease | null, promoted: SetRelease): SetRelease {
  return newest !== null && compareReleases(promoted.version, newest.version) <= 0 ? newest : promoted
}
