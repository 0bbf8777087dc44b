import { compareReleases, isPrerelease, type Release } from '../api/contract/release.ts'
import { type Reading, readTag } from './release-patterns.ts'
import type { Oid, RefListing, TagRef } from './source/git-source.ts'
import type { Verification } from './unverified-tags.ts'

/** What is wrong with a tag, or what a person should know of it. */
export interface TagReport {
  readonly kind:
    | 'moved'
    | 'deleted'
    | 'unreachable'
    | 'unverified'
    | 'not_semantic'
    | 'no_such_prompt'
    | 'conflict'
  readonly tag: string
  readonly message: string
}

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

export function noSuchPromptReport(tag: string): TagReport {
  return {
    kind: 'no_such_prompt',
    tag,
    message: `The tag "${tag}" names no prompt of its commit; it releases nothing.`,
  }
}

export function noCommitReport(tag: string): TagReport {
  return {
    kind: 'no_such_prompt',
    tag,
    message: `The tag "${tag}" does not point at a commit; it releases nothing.`,
  }
}

/** `problem` is a sentence. */
export function unreadablePromptReport(tag: string, path: string, problem: string): TagReport {
  return {
    kind: 'no_such_prompt',
    tag,
    message: `The tag "${tag}" releases nothing: at its commit ${path} cannot be a version. ${problem}`,
  }
}

export function conflictReport(tag: string, other: string, id: string, release: Release): TagReport {
  return {
    kind: 'conflict',
    tag,
    message: `The tags "${tag}" and "${other}" both release ${release} of "${id}" with different text; "${other}" counts. Release the other text under a new version.`,
  }
}

/** `problem` is a clause of which the tag is the subject; `counts` says whether it counts all the same. */
export function unverifiedReport({ name }: TagRef, problem: string, counts: boolean): TagReport {
  const message = counts
    ? `The tag "${name}" counts, but ${problem}.`
    : `The tag "${name}" does not count: ${problem}. Tag the commit anew with "git tag -s -f", or release under a new version.`
  return { kind: 'unverified', tag: name, message }
}

function notSemanticReport(tag: string, text: string): TagReport {
  return {
    kind: 'not_semantic',
    tag,
    message: `The tag "${tag}" releases nothing: "${text}" is not a semantic version such as 1.2.3.`,
  }
}

function movedReport({ name, commit }: TagRef, first: Oid): TagReport {
  return {
    kind: 'moved',
    tag: name,
    message: `The tag "${name}" was moved from ${short(first)} to ${short(commit)}; it stays at ${short(first)}, where it first counted. Release the new commit under a new version.`,
  }
}

function deletedReport(tag: string, commit: Oid): TagReport {
  return {
    kind: 'deleted',
    tag,
    message: `The tag "${tag}" was deleted; what it released at ${short(commit)} stays released.`,
  }
}

function unreachableReport({ name, commit }: TagRef, branch: string): TagReport {
  return {
    kind: 'unreachable',
    tag: name,
    message: `The tag "${name}" does not count yet: its commit ${short(commit)} is not on the branch "${branch}". Merge it, and it counts with the next pass.`,
  }
}

function short(oid: Oid): string {
  return oid.slice(0, 12)
}
