import { compareReleases, isPrerelease, type Release } from '../api/contract/release.ts'
import { type Reading, readTag } from './releases/release-patterns.ts'
import {
  deletedReport,
  movedReport,
  notSemanticReport,
  type TagReport,
  unreachableReport,
} from './releases/tag-reports.ts'
import type { Verification } from './releases/unverified-tags.ts'
import type { Oid, RefListing, TagRef } from './source/git-source.ts'

/** A tag that may count: it reads as a release, and its commit is the one at which it first counted. */
export interface ReleaseTag {
  readonly tag: string
  readonly commit: Oid
  /** In the order of the patterns. */
  readonly readings: readonly Reading[]
  /** Its place in the ledger, which is the order in which tags first counted; `null` where it is new. */
  readonly place: number | null
  /** False where it was moved away or deleted since: not every reader has its commit any more. */
  readonly listed: boolean
}

/** By tag, the commit at which it first counted. */
export type Ledger = ReadonlyMap<string, Oid>

export interface JudgedTags {
  /** Tags of the ledger, and tags that are new and may count. */
  readonly releases: readonly ReleaseTag[]
  readonly reports: readonly TagReport[]
}

/**
 * What the listed tags mean. The ledger is for ever: a moved tag stays at the commit where it first counted, and a
 * deleted one changes nothing; both are reported. `reachable` holds the new tags' commits that count.
 */
export function judgeTags(
  listing: Pick<RefListing, 'tags' | 'branch'>,
  ledger: Ledger,
  patterns: readonly string[],
  reachable: ReadonlySet<Oid>,
  verification: Verification | null = null,
): JudgedTags {
  const releases: ReleaseTag[] = []
  const reports: TagReport[] = []
  const places = new Map([...ledger.keys()].map((tag, place) => [tag, place]))
  const placeOf = (tag: string) => places.get(tag) ?? null
  for (const ref of listing.tags) {
    const { readings, notSemantic } = readTag(ref.name, patterns)
    if (notSemantic !== null) reports.push(notSemanticReport(ref.name, notSemantic))
    const first = ledger.get(ref.name)
    if (first !== undefined && first !== ref.commit) reports.push(movedReport(ref, first))
    if (readings.length === 0) continue
    if (first === undefined && !reachable.has(ref.commit)) {
      reports.push(unreachableReport(ref, listing.branch))
      continue
    }
    const unverified = verification?.unverified.get(ref.name)
    if (unverified !== undefined) reports.push(unverified)
    if (first === undefined && isKeptOut(ref.name, verification)) continue
    const commit = first ?? ref.commit
    const listed = commit === ref.commit
    releases.push({ tag: ref.name, commit, readings, place: placeOf(ref.name), listed })
  }
  const listed = new Set(listing.tags.map((ref) => ref.name))
  for (const [tag, commit] of ledger) {
    if (listed.has(tag)) continue
    const { readings } = readTag(tag, patterns)
    reports.push(deletedReport(tag, commit))
    if (readings.length > 0) releases.push({ tag, commit, readings, place: placeOf(tag), listed: false })
  }
  return { releases, reports }
}

function isKeptOut(tag: string, verification: Verification | null): boolean {
  if (verification === null) return false
  const { mode, unverified, pending } = verification
  return pending.has(tag) || (mode === 'require' && unverified.has(tag))
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

/** What a tag releases, now that the ids of its tree are known. */
export interface Coverage {
  readonly release: Release
  readonly prerelease: boolean
  /** The one prompt that the tag names; `null` where it covers its whole tree. */
  readonly id: string | null
}

/**
 * The first reading that fits the tree: one without `{id}` always does, one with `{id}` where that is the id of a
 * file in the tree, with or without the prefix. `undefined` where none fits.
 */
export function coverageOf(
  readings: readonly Reading[],
  ids: ReadonlySet<string>,
  idPrefix: string,
): Coverage | undefined {
  for (const { release, idText } of readings) {
    const covered = { release, prerelease: isPrerelease(release) }
    if (idText === null) return { ...covered, id: null }
    const id = [idText, idPrefix + idText].find((one) => ids.has(one))
    if (id !== undefined) return { ...covered, id }
  }
  return undefined
}

/** The newest first; of equal releases the one that counted first, then the one that names its prompt, then by name. */
export function compareReleaseTags(
  a: ReleaseTag & { readonly coverage: Coverage },
  b: ReleaseTag & { readonly coverage: Coverage },
): number {
  return (
    compareReleases(b.coverage.release, a.coverage.release) ||
    placeOrLast(a) - placeOrLast(b) ||
    Number(b.coverage.id !== null) - Number(a.coverage.id !== null) ||
    (a.tag < b.tag ? -1 : 1)
  )
}

function placeOrLast({ place }: ReleaseTag): number {
  return place ?? Number.MAX_SAFE_INTEGER
}
