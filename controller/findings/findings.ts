import { canonicalJson, type Json } from '../../api/contract/version.ts'
import { compareNames } from '../values/compare-names.ts'
import { boundedFinding, subjectName } from './bounded-finding.ts'
import {
  classOf,
  FINDING_CODES,
  type Finding,
  type FindingClass,
  type FindingCode,
  type NewFinding,
} from './finding.ts'

const CODES = Object.keys(FINDING_CODES) as FindingCode[]

/** Number of findings by code, without zeros. */
export type FindingCounts = Readonly<Partial<Record<FindingCode, number>>>

export function countFindings(findings: readonly Pick<Finding, 'code'>[]): FindingCounts {
  const counts: Partial<Record<FindingCode, number>> = {}
  for (const { code } of findings) counts[code] = (counts[code] ?? 0) + 1
  return counts
}

/** The codes of a class that have findings, most severe first. */
export function codesOf(counts: FindingCounts, wanted: FindingClass): readonly FindingCode[] {
  return CODES.filter((code) => classOf(code) === wanted && (counts[code] ?? 0) > 0)
}

/**
 * The findings after a pass: all that it found, and earlier ones that it did not check. `at` is ISO 8601.
 */
export function nextFindings(
  before: readonly Finding[],
  found: readonly NewFinding[],
  wasChecked: (finding: Finding) => boolean,
  at: string,
): Finding[] {
  const known = new Map(before.map((finding) => [keyOf(finding), finding]))
  const fresh = new Map(
    found.map((one) => [keyOf(one), boundedFinding(one, known.get(keyOf(one))?.first_seen ?? at)]),
  )
  const kept = before.filter((finding) => !fresh.has(keyOf(finding)) && !wasChecked(finding))
  return [...kept, ...fresh.values()].sort(byGravity)
}

/** The part of a source that a pass checked. */
export interface PassScope {
  /** Whether everything was compared. */
  readonly everything: boolean
  /** By path, the blobs of the branch's prompt files. */
  readonly blobs: ReadonlyMap<string, string>
  /** Paths of the files that were read. */
  readonly files: ReadonlySet<string>
  /** Tags of which every file was read. */
  readonly tags: ReadonlySet<string>
  /** Release tags that count and still exist at the commit where they first counted. */
  readonly listed: ReadonlySet<string>
}

/** Whether a pass checked if the cause of an earlier finding still exists. */
export function isChecked(scope: PassScope, finding: Finding): boolean {
  if (isOutlived(scope, finding)) return true
  const { code, subject, details } = finding
  const { name } = subject
  switch (FINDING_CODES[code][1]) {
    case 'always':
      return true
    case 'full':
      return scope.everything
    case 'file':
      return scope.everything || scope.files.has(name) || scope.blobs.get(name) !== details?.blob
    case 'tag':
      return scope.tags.has(name)
    case 'listed':
      return false
  }
}

/**
 * Whether a finding is about a release tag that was deleted or no longer counts. Its releases stay, so its tree
 * may be read and found invalid again, but nobody needs to know.
 */
export function isOutlived(
  { listed }: PassScope,
  { code, subject }: Pick<NewFinding, 'code' | 'subject'>,
): boolean {
  const isOfRelease = subject.kind === 'tag' && FINDING_CODES[code][1] !== 'always'
  return isOfRelease && !listed.has(subjectName(subject.name))
}

/** Whether only a pass that compares everything can clear a finding. */
export function needsFullPass({ code }: Pick<Finding, 'code'>): boolean {
  return FINDING_CODES[code][1] === 'full'
}

/** The writes that turn the findings `before` into `after`. */
export function findingChanges(before: readonly Finding[], after: readonly Finding[]) {
  const known = new Map(before.map((finding) => [keyOf(finding), textOf(finding)]))
  const now = new Set(after.map(keyOf))
  return {
    put: after.filter((finding) => known.get(keyOf(finding)) !== textOf(finding)),
    remove: before
      .filter((finding) => !now.has(keyOf(finding)))
      .map(({ code, subject }) => ({ code, subject })),
  }
}

/** Those of `found` that are new, or have another message or cause than before. */
export function newsAmong<Found extends Worded>(found: readonly Found[], before: readonly Worded[]): Found[] {
  const known = new Map(before.map((finding) => [keyOf(finding), wordsOf(finding)]))
  return found.filter((finding) => known.get(keyOf(finding)) !== wordsOf(finding))
}

type Worded = Pick<Finding, 'code' | 'subject' | 'message' | 'cause'>

/** Within the registry's limits, since only one of two findings may come from it. */
function wordsOf({ code, subject, message, cause = null }: Worded): string {
  const bounded = boundedFinding({ code, subject, message, cause }, '')
  return JSON.stringify([bounded.message, bounded.cause])
}

/** Sorts the most severe first. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(byGravity)
}

/** The findings that were first seen most recently. */
export function newestFindings(findings: readonly Finding[], most: number): Finding[] {
  return [...findings]
    .sort((a, b) => (a.first_seen === b.first_seen ? byGravity(a, b) : a.first_seen < b.first_seen ? 1 : -1))
    .slice(0, most)
}

/** A comparable form, the same for a new finding and for one read back from the registry. */
function textOf({ cause = null, details = null, ...finding }: Finding): string {
  return canonicalJson({ ...finding, subject: { ...finding.subject }, cause, details: details as Json })
}

function keyOf({ code, subject }: Pick<NewFinding, 'code' | 'subject'>): string {
  return `${code} ${subject.kind} ${subjectName(subject.name)}`
}

/** By severity; then tags by name, highest first, which is usually the newest; everything else by name. */
function byGravity(a: Finding, b: Finding): number {
  const byTag = a.subject.kind === 'tag' && b.subject.kind === 'tag'
  return (
    CODES.indexOf(a.code) - CODES.indexOf(b.code) ||
    (byTag ? compareNames(b.subject.name, a.subject.name) : 0) ||
    (keyOf(a) < keyOf(b) ? -1 : 1)
  )
}
