import { compareReleases, type Release } from './release.ts'
import type { Status } from './version.ts'

/**
 * The rules of a prompt's release line. Pure. The registry decides by them, and the controller's plan predicts the
 * registry's decision with them.
 */

/** The state of a prompt's release line. */
export interface ReleaseLine {
  readonly hold: { readonly kind: 'until_release' | 'until_lifted'; readonly above: Release | null } | null
  readonly highest: { readonly release: Release; readonly identity: string } | null
  /** `payloadSha256` of versions that were rolled back and not promoted since. */
  readonly rolledBack: readonly string[]
  /** Of the prompt's source, since a person rolled all of it back. */
  readonly sourceHold: SourceHoldLine | null
}

/** Ends with a release above the highest one known when it was set. */
export interface SourceHoldLine {
  readonly above: Release | null
}

/** A version that a source wants to promote. */
export interface Promotable {
  /** `undefined` if the release is not a semantic version. */
  readonly release: Release | undefined
  readonly identity: string
  readonly payloadSha256: string
}

/**
 * - `promote`: the version becomes stable.
 * - `repeat`: the line already has this release for this version, so nothing changes.
 * - `frozen`, `rolled_back`, `source_rolled_back`: a hold prevents the promotion.
 * - `not_newer`: the release is not above the highest one.
 */
export type LineVerdict = 'promote' | 'repeat' | 'frozen' | 'rolled_back' | 'source_rolled_back' | 'not_newer'

export function judgePromotion(line: ReleaseLine, wanted: Promotable): LineVerdict {
  const { hold, highest } = line
  const { release } = wanted
  if (isHighest(line, wanted)) return 'repeat'
  if (highest !== null && (release === undefined || compareReleases(release, highest.release) <= 0))
    return 'not_newer'
  if (hold?.kind === 'until_lifted') return 'frozen'
  if (hold !== null && !endsHold(line, wanted)) return 'rolled_back'
  return isHeldBySource(line.sourceHold, release) ? 'source_rolled_back' : 'promote'
}

/** Whether a release waits because its source was rolled back. */
export function isHeldBySource(hold: SourceHoldLine | null, release: Release | undefined): boolean {
  if (hold === null || hold.above === null) return false
  return release === undefined || compareReleases(release, hold.above) <= 0
}

/** Whether the line already has this release for this version: a retry, or a later pass. */
function isHighest({ highest }: ReleaseLine, { release, identity }: Promotable): boolean {
  if (highest === null || release === undefined) return false
  return compareReleases(release, highest.release) === 0 && highest.identity === identity
}

/** A rollback's hold ends with a release above those known when it was set, unless its payload was rolled back. */
function endsHold({ hold, rolledBack }: ReleaseLine, { release, payloadSha256 }: Promotable): boolean {
  if (release === undefined || rolledBack.includes(payloadSha256)) return false
  return hold?.above == null || compareReleases(release, hold.above) > 0
}

/** A version's place on the line, as far as needed to derive its status. */
export interface Named {
  readonly status: Status
  /** The highest release of the version that counted when it was named. */
  readonly release: Release | null
  /** Releases named during a hold or a freeze, which wait for it to end. */
  readonly waiting: readonly Release[]
}

/** A waiting release counts once the highest release is at or above it. */
export function statusOf(version: Named, highest: Release | null): Status {
  if (version.status !== 'draft' || countedOf(version, highest).length === 0) return version.status
  return 'deprecated'
}

/** The highest release of a version that counts; `null` if none do. */
export function releaseOf(version: Named, highest: Release | null): Release | null {
  return countedOf(version, highest).reduce<Release | null>(
    (best, one) => (best === null || compareReleases(one, best) > 0 ? one : best),
    version.release,
  )
}

function countedOf({ waiting }: Named, highest: Release | null): readonly Release[] {
  return highest === null ? [] : waiting.filter((one) => compareReleases(one, highest) <= 0)
}
