import type { ErrorCode } from '../../api/contract/errors.ts'
import { compareReleases, type Release } from '../../api/contract/release.ts'
import { judgePromotion, type LineVerdict } from '../../api/contract/release-line.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { NameChange, OfRelease, RefusedChange } from './changes.ts'
import type { DesiredRelease, PlanInput } from './plan-input.ts'
import type { PromptView } from './prompt-view.ts'
import { aliasTakenMessage, labelTakenByTag, revokedMessage } from './refusals.ts'

/** A release that the registry accepts, and whether its release line allows the promotion. */
export interface JudgedRelease {
  readonly release: DesiredRelease
  readonly verdict: LineVerdict
}

/** The releases of a prompt, divided by whether the registry would accept them. */
export interface JudgedReleases {
  /** The newest release that can be promoted; `null` if none. */
  readonly newest: JudgedRelease | null
  /** The other releases, newest first. They only name their versions. */
  readonly others: readonly DesiredRelease[]
  readonly refused: readonly RefusedChange[]
  readonly findings: readonly NewFinding[]
  /** Tags whose release already belongs to another version. */
  readonly conflicts: readonly Conflict[]
  /** New tags that promote nothing, because an equal or higher release already counts. */
  readonly lower: readonly { readonly release: DesiredRelease; readonly highest: Release }[]
}

export interface Conflict {
  readonly release: DesiredRelease
  /** Who has the release already: another tag, or a version. */
  readonly by: string
}

/**
 * Judges the releases of a prompt, newest first. If the registry would refuse one, the next one is promoted
 * instead. `taken`: by identity, the other version that already has the label.
 */
export function judgeReleases(
  all: readonly DesiredRelease[],
  view: PromptView,
  taken: ReadonlyMap<string, string>,
  { kind, prereleases }: Pick<PlanInput, 'kind'> & { readonly prereleases: boolean },
): JudgedReleases {
  const { releases, twins } = withoutTwins(all)
  const conflicts = [...twins]
  const others: DesiredRelease[] = []
  const refused: RefusedChange[] = []
  const revoked: DesiredRelease[] = []
  const findings: NewFinding[] = []
  let newest: JudgedRelease | null = null
  for (const release of releases) {
    const verdict = judgePromotion(view.line, release)
    const isCandidate = newest === null && (prereleases || !release.prerelease)
    const moves = isCandidate && verdict !== 'repeat' && verdict !== 'not_newer'
    const named = view.named(release.release)
    if (isCandidate && verdict === 'repeat') newest = { release, verdict }
    if (view.isRevoked(release)) {
      if (moves) revoked.push(release)
      continue
    }
    const other = taken.get(release.identity)
    if (other !== undefined) findings.push(labelTakenByTag(release, other, isCandidate))
    else if (named !== undefined && named.identity !== release.identity) {
      refused.push(refusal(release, 'alias_taken', aliasTakenMessage(release, named.version)))
      conflicts.push({ release, by: `version ${named.version}` })
    } else {
      if (isCandidate && verdict !== 'repeat') newest = { release, verdict }
      if (!moves) others.push(release)
    }
  }
  const isNewest = ({ release }: DesiredRelease) =>
    newest !== null && compareReleases(release, newest.release.release) === 0
  // A release that differs from the newest one only in build metadata is not above it, so nobody misses it.
  const missed = revoked.filter((release) => !isNewest(release))
  return {
    ...{ newest, others, findings },
    refused: [...refused, ...missed.map((release) => refusal(release, 'revoked', revokedMessage(release)))],
    conflicts: conflicts.filter(({ release }) => release.listed && !view.isRevoked(release)),
    lower: lowerOf(releases, newest, view, kind),
  }
}

/** Two tags with the same release count once. They conflict if their versions differ. */
function withoutTwins(all: readonly DesiredRelease[]) {
  const releases: DesiredRelease[] = []
  const twins: Conflict[] = []
  for (const release of all) {
    const same = releases.find((other) => other.release === release.release)
    if (same === undefined) releases.push(release)
    else if (same.identity !== release.identity) twins.push({ release, by: `tag ${same.tag}` })
  }
  return { releases, twins }
}

/** A first pass imports the whole history, so only its newest release is expected to promote. */
function lowerOf(
  releases: readonly DesiredRelease[],
  newest: JudgedRelease | null,
  view: PromptView,
  kind: PlanInput['kind'],
): JudgedReleases['lower'] {
  const { highest } = view.line
  return releases.flatMap((release) => {
    if (!release.isNew || view.named(release.release)?.identity === release.identity) return []
    const isNewest = release === newest?.release
    const twin = isNewest ? undefined : twinOf(release, newest)
    if (twin !== undefined) return [{ release, highest: twin }]
    const isBelow = highest !== null && compareReleases(release.release, highest.release) <= 0
    return isBelow && (kind !== 'first' || isNewest) && highest.identity !== release.identity
      ? [{ release, highest: highest.release }]
      : []
  })
}

/** The newest release, if it differs from this one only in build metadata. */
function twinOf({ release, identity }: DesiredRelease, newest: JudgedRelease | null): Release | undefined {
  if (newest === null || newest.release.identity === identity) return undefined
  return compareReleases(release, newest.release.release) === 0 ? newest.release.release : undefined
}

function refusal(release: DesiredRelease, code: ErrorCode, message: string): RefusedChange {
  return { change: nameChange(release, 'counts'), code, message }
}

export function nameChange(release: DesiredRelease, standing: NameChange['standing']): NameChange {
  return { do: 'name', standing, ...ofRelease(release) }
}

/** The fields that a change takes from its release. */
export function ofRelease({ id, version, identity, release, tag, commit }: DesiredRelease): OfRelease {
  return { id, version, identity, release, tag, commit }
}
