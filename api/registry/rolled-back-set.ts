import { higherRelease, type Release } from '../contract/release.ts'
import type { ReleaseSet } from '../contract/release-set.ts'
import type { SetMove } from '../store/set-records.ts'

/** Decides the set after a rollback of a source. Pure. */

/** A set in the history of a source, and the release that it belongs to. */
export interface EarlierSet {
  readonly digest: string
  readonly release: string | null
  /** The moves since, newest first. */
  readonly since: readonly SetMove[]
}

/** The shortest beginning of a digest that names a set. */
const SHORTEST_DIGEST = 8

/**
 * The set of a tag, or with this digest: as it was at last, with all changes by hand. Without a name, what the source
 * served before its current release. `moves`: newest first. `undefined` if the history has none.
 */
export function earlierSet(moves: readonly SetMove[], name: string | undefined): EarlierSet | undefined {
  const index = name === undefined ? beforeRelease(moves) : namedMove(moves, name)
  const move = moves[index]
  if (move === undefined || move.set === null) return undefined
  return { digest: move.set, release: move.release, since: moves.slice(0, index) }
}

function namedMove(moves: readonly SetMove[], name: string): number {
  const byTag = moves.findIndex(({ release, set }) => set !== null && release === name)
  if (byTag !== -1 || name.length < SHORTEST_DIGEST) return byTag
  return moves.findIndex(({ set }) => set?.startsWith(name) === true)
}

/** A source that was rolled back is at an earlier release again, so the next rollback goes below that one. */
function beforeRelease(moves: readonly SetMove[]): number {
  const release = moves[0]?.release
  const made = moves.findIndex((move) => move.act === 'release' && move.release === release)
  if (made === -1) return -1
  return moves.findIndex((move, index) => index > made && move.set !== null && move.release !== release)
}

/** A prompt of the source as it is served now. */
export interface SourcePrompt {
  readonly promptId: string
  /** The identity of its stable version; `null` if none. */
  readonly identity: string | null
  /** The highest release that counts; `null` if none. */
  readonly highest: Release | null
}

export interface RollbackInput {
  readonly source: string
  readonly target: ReleaseSet['members']
  /** Of the current set. */
  readonly current: ReleaseSet['members']
  /** All prompts of the source. */
  readonly served: readonly SourcePrompt[]
  /** Ids whose version in the target was revoked. */
  readonly revoked: ReadonlySet<string>
  /** Ids that came from another source since. */
  readonly received: ReadonlySet<string>
}

/**
 * The set to go back to: the target, except that a prompt of another source leaves it, and a prompt that came from
 * another source, or whose version was revoked, keeps its current version.
 */
export function rolledBackSet(input: RollbackInput): ReleaseSet {
  const { source, target, current, served, revoked, received } = input
  const members = served.flatMap(({ promptId }): [string, string][] => {
    const keeps = revoked.has(promptId) || (received.has(promptId) && !Object.hasOwn(target, promptId))
    const from = keeps ? current : target
    const identity = Object.hasOwn(from, promptId) ? from[promptId] : undefined
    return identity === undefined ? [] : [[promptId, identity]]
  })
  return { source, members: Object.fromEntries(members) }
}

/** The prompts that do not serve their version of the set. */
export function unsettledPrompts(
  { members }: ReleaseSet,
  served: readonly SourcePrompt[],
): readonly SourcePrompt[] {
  return served.filter(
    ({ promptId, identity }) => identity !== (Object.hasOwn(members, promptId) ? members[promptId] : null),
  )
}

/** The release that only a higher one replaces: the highest of those that are rolled back. */
export function rolledBackRelease(
  unsettled: readonly SourcePrompt[],
  before: Release | null,
): Release | null {
  const releases = unsettled.map(({ highest }) => highest ?? undefined)
  return releases.reduce(higherRelease, before ?? undefined) ?? null
}
