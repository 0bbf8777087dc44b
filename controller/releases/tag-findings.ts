import { firstNames } from '../../api/contract/first-names.ts'
import type { Release } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { TagRef } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** Findings about tags. */

const tag = (name: string) => ({ kind: 'tag', name }) as const

/** `reason` is a sentence without a full stop. */
export function notReleaseTag(name: string, reason: string): NewFinding {
  const message = `Tag ${name} releases nothing: ${reason}.`
  return { code: 'tag_not_release', subject: tag(name), message }
}

/** `reason` is a clause. */
export function emptyTag(name: string, reason: string): NewFinding {
  const message = `Tag ${name} releases nothing: ${reason}.`
  return { code: 'tag_empty', subject: tag(name), message }
}

/** `problem` is a sentence. */
export function invalidLayoutAt(name: string, problem: string): NewFinding {
  return {
    code: 'tag_layout_invalid',
    subject: tag(name),
    message: `At the commit of tag ${name}: ${problem}`,
  }
}

/** How many files of an incomplete release are listed with their reason. */
const MOST_FILES = 3
const MOST_REASONS = 3

/** A release of a whole tree skips the files that cannot become a version. `problem` is a sentence. */
export function incompleteTag(
  name: string,
  files: readonly { readonly path: string; readonly problem: string }[],
): NewFinding {
  const count = files.length
  const byProblem = [...Map.groupBy(files, ({ problem }) => problem)]
  const reasons = byProblem.slice(0, MOST_REASONS).map(([problem, alike]) => {
    const paths = alike.slice(0, MOST_FILES).map(({ path }) => path)
    const more = alike.length > MOST_FILES ? ` and ${alike.length - MOST_FILES} more` : ''
    return `${paths.join(', ')}${more}: ${problem}`
  })
  const others = byProblem.slice(MOST_REASONS).reduce((sum, [, alike]) => sum + alike.length, 0)
  const more = others > 0 ? [`And ${others} more.`] : []
  const what = count === 1 ? `the file ${reasons[0]}` : [`${count} files.`, ...reasons, ...more].join(' ')
  return {
    code: 'tag_incomplete',
    subject: tag(name),
    message: `Tag ${name} does not release ${what}`,
    details: { count },
  }
}

/** A host with a rate limit serves only some tag objects per pass. */
export function pendingSignatures(count: number): NewFinding[] {
  if (count === 0) return []
  const what =
    count === 1 ? 'The signature of 1 release tag is' : `The signatures of ${count} release tags are`
  const message = `${what} not read yet, because the host limits requests. The next pass continues.`
  return [
    { code: 'signatures_pending', subject: { kind: 'repository', name: '' }, message, details: { count } },
  ]
}

/** `by`: the other tag or version that already has the release. `newest`: no higher release counts. */
export function conflictingTag(
  name: string,
  by: string,
  ids: readonly string[],
  release: Release,
  newest: boolean,
): NewFinding {
  const message = `Tag ${name} cannot release ${release} of ${few(ids)}: ${by} has that release, with another file. Release this file under a new version.`
  const code = newest ? 'release_conflict' : 'tag_conflict'
  return { code, subject: tag(name), message, details: { by, release, ids: ids.slice(0, MOST_NAMES) } }
}

export function lowerTag(
  name: string,
  release: Release,
  ids: readonly string[],
  highest: Release,
): NewFinding {
  const message = `Tag ${name} promotes nothing: release ${release} of ${few(ids)} is not above ${highest}, which is already released. Its versions can still be pinned.`
  return { code: 'tag_lower', subject: tag(name), message, details: { release, highest, count: ids.length } }
}

export function movedTag({ name, commit }: TagRef, first: Oid): NewFinding {
  const message = `Tag ${name} was moved from ${short(first)} to ${short(commit)}. It stays at ${short(first)}, where it first counted. Release the new commit under a new version.`
  return { code: 'tag_moved', subject: tag(name), message, details: { from: first, to: commit } }
}

export function largeTag(name: string): NewFinding {
  const message = `Tag ${name} counts, but its tag object has more than 1 MiB and is not read, so events do not name who made it. Write shorter messages.`
  return { code: 'tag_too_large', subject: tag(name), message }
}

export function deletedTag(name: string, commit: Oid): NewFinding {
  const message = `Tag ${name} was deleted. Everything that it released at ${short(commit)} stays released.`
  return { code: 'tag_deleted', subject: tag(name), message, details: { commit } }
}

/** `newest`: no equal or higher release counts. */
export function unreachableTag({ name, commit }: TagRef, branches: string, newest: boolean): NewFinding {
  const message = `Tag ${name} is not on ${branches}. Merge it, add its branch to releaseBranches, or set requireReachable: false.`
  const code = newest ? 'release_unreachable' : 'tag_unreachable'
  return { code, subject: tag(name), message, details: { commit } }
}

/** `problem` is a clause about the tag. `counts`: the tag counts anyway. */
export function unverifiedTag(
  { name, commit }: TagRef,
  problem: string,
  { counts, newest }: { readonly counts: boolean; readonly newest: boolean },
): NewFinding {
  const message = counts
    ? `Tag ${name} counts, but ${problem}.`
    : `Tag ${name} does not count: ${problem}. Sign it with "git tag -s -f", or release under a new version.`
  const code = newest && !counts ? 'release_unverified' : 'tag_unverified'
  return { code, subject: tag(name), message, details: { commit, problem } }
}

const MOST_NAMES = 200

/** `names`: newest first. */
export function unmatchedTags(names: readonly string[], patterns: readonly string[]): NewFinding[] {
  if (names.length === 0) return []
  const [newest = ''] = names
  const what = names.length === 1 ? '1 tag matches' : `${names.length} tags match`
  const message = `${what} no release pattern (newest: ${newest}). If they are releases, add their pattern to releases. Current patterns: ${patterns.join(', ')}.`
  const details = { count: names.length, tags: names.slice(0, MOST_NAMES) }
  return [{ code: 'tags_unmatched', subject: { kind: 'repository', name: '' }, message, details }]
}

const FEW = 3

function few(ids: readonly string[]): string {
  const names = ids.slice(0, FEW).map((id) => `"${id}"`)
  return firstNames(names, FEW, ids.length)
}

function short(oid: Oid): string {
  return oid.slice(0, 12)
}
