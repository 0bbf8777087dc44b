import { compareReleases, higherRelease, isPrerelease, type Release } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { RefListing, TagRef } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { compareNames } from '../values/compare-names.ts'
import { type Reading, readTag, type TagReadings } from '../values/release-patterns.ts'
import type { Ledger } from './ledger.ts'
import {
  deletedTag,
  movedTag,
  notReleaseTag,
  unmatchedTags,
  unreachableTag,
  unverifiedTag,
} from './tag-findings.ts'
import type { TagVerification } from './verify-tags.ts'

/** A tag that may count as a release. `commit` is the one at which it first counted. */
export interface CandidateTag {
  readonly tag: string
  readonly commit: Oid
  /** The tag object of an annotated tag that has not moved; else `null`. */
  readonly object: Oid | null
  /** In the order of the patterns. */
  readonly readings: readonly Reading[]
  /** Position in the ledger, the order in which tags first counted; `null` if new. */
  readonly place: number | null
  /** False if the tag was moved or deleted since, so some clones may no longer have its commit. */
  readonly listed: boolean
}

export interface ClassifyInput {
  readonly listing: Pick<RefListing, 'tags' | 'branch'>
  readonly ledger: Ledger
  readonly patterns: readonly string[]
  readonly prereleases: boolean
  /** Commits of new tags that are on a release branch. */
  readonly reachable: ReadonlySet<Oid>
  /** The release branches, for messages: "branch main". */
  readonly branches: string
  /** `null` if the source does not verify tags. */
  readonly verification: TagVerification | null
}

export interface ClassifiedTags {
  /** Tags in the ledger, and new tags that may count. */
  readonly releases: readonly CandidateTag[]
  readonly findings: readonly NewFinding[]
}

interface ListedTag extends TagReadings {
  readonly ref: TagRef
}

/**
 * Classifies the listed tags. Ledger entries never change: a moved tag stays at the commit where it first counted,
 * and a deleted tag keeps its releases. Both are reported.
 */
export function classifyTags(input: ClassifyInput): ClassifiedTags {
  const { listing, ledger, patterns, verification } = input
  const listed = listing.tags.map((ref): ListedTag => ({ ref, ...readTag(ref.name, patterns) }))
  const standing = listed.map((tag) => ({ ...tag, standing: standingOf(tag, input) }))
  const counted = standing.filter((one) => one.standing === 'counts')
  const places = new Map([...ledger.keys()].map((tag, place) => [tag, place]))
  const placeOf = (tag: string) => places.get(tag) ?? null
  const names = new Set(listing.tags.map(({ name }) => name))
  const deleted = [...ledger]
    .filter(([tag]) => !names.has(tag))
    .map(([tag, commit]) => ({ tag, commit, readings: readTag(tag, patterns).readings }))
  const isNewest = newestAmong(input, [...counted, ...deleted])

  const findings: NewFinding[] = []
  for (const { ref, readings, notRelease, standing: how } of standing) {
    const first = ledger.get(ref.name)
    if (notRelease !== null) findings.push(notReleaseTag(ref.name, notRelease))
    if (first !== undefined && first !== ref.commit) findings.push(movedTag(ref, first))
    const newest = isNewest(readings)
    if (how === 'unreachable') findings.push(unreachableTag(ref, input.branches, newest))
    const problem = verification?.unverified.get(ref.name)
    if (problem !== undefined && readings.length > 0 && how !== 'unreachable')
      findings.push(unverifiedTag(ref, problem, { counts: how === 'counts', newest }))
  }
  const unmatched = standing.filter(
    ({ readings, notRelease }) => readings.length === 0 && notRelease === null,
  )
  return {
    releases: [
      ...counted.map(({ ref, readings }) => releaseTag(ref, readings, ledger, placeOf(ref.name))),
      ...deleted
        .filter(({ readings }) => readings.length > 0)
        .map((one) => ({ ...one, object: null, place: placeOf(one.tag), listed: false })),
    ],
    findings: [
      ...findings,
      ...deleted.map(({ tag, commit }) => deletedTag(tag, commit)),
      ...unmatchedTags(newestByName(unmatched.map(({ ref }) => ref.name)), patterns),
    ],
  }
}

/** The tags whose commits must be reachable before they can count. */
export function uncountedTags(
  listing: Pick<RefListing, 'tags'>,
  ledger: Ledger,
  patterns: readonly string[],
): readonly TagRef[] {
  return listing.tags.filter(
    (ref) => !ledger.has(ref.name) && readTag(ref.name, patterns).readings.length > 0,
  )
}

type TagState = 'counts' | 'unreachable' | 'unverified' | 'pending' | 'no release'

function standingOf({ ref, readings }: ListedTag, input: ClassifyInput): TagState {
  const { ledger, reachable, verification } = input
  if (readings.length === 0) return 'no release'
  if (ledger.has(ref.name)) return 'counts'
  if (!reachable.has(ref.commit)) return 'unreachable'
  if (verification?.pending.has(ref.name) === true) return 'pending'
  return verification?.mode === 'require' && verification.unverified.has(ref.name) ? 'unverified' : 'counts'
}

function releaseTag(
  ref: TagRef,
  readings: readonly Reading[],
  ledger: Ledger,
  place: number | null,
): CandidateTag {
  const commit = ledger.get(ref.name) ?? ref.commit
  const listed = commit === ref.commit
  return { tag: ref.name, commit, object: (listed && ref.object) || null, readings, place, listed }
}

/**
 * Whether a tag that does not count would be newer than all counting tags of the same prompts. If so, the registry
 * does not serve the team's latest release. A tag of a whole tree is a tag of every prompt.
 */
function newestAmong(
  { prereleases }: ClassifyInput,
  counted: readonly { readonly readings: readonly Reading[] }[],
) {
  const highest = new Map<string | null, Release>()
  for (const { readings } of counted) {
    const [reading] = readings
    if (reading === undefined || !promotes(reading.release, prereleases)) continue
    highest.set(
      reading.idText,
      higherRelease(reading.release, highest.get(reading.idText)) ?? reading.release,
    )
  }
  return ([reading]: readonly Reading[]): boolean => {
    if (reading === undefined || !promotes(reading.release, prereleases)) return false
    const known = higherRelease(highest.get(reading.idText), highest.get(null))
    return known === undefined || compareReleases(reading.release, known) > 0
  }
}

function promotes(release: Release, prereleases: boolean): boolean {
  return prereleases || !isPrerelease(release)
}

/** Newest first, judging by names: by the version in the name, then by the whole name. */
function newestByName(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, version: /(?<!\d)\d+(?:\.\d+)+.*$/s.exec(name)?.[0] ?? '' }))
    .sort((a, b) => compareNames(b.version, a.version) || compareNames(b.name, a.name))
    .map(({ name }) => name)
}
