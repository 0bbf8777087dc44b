import type { Release } from '../../api/contract/release.ts'
import type { Oid, TagRef } from '../source/git-source.ts'

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

export function notSemanticReport(tag: string, text: string): TagReport {
  return {
    kind: 'not_semantic',
    tag,
    message: `The tag "${tag}" releases nothing: "${text}" is not a semantic version such as 1.2.3.`,
  }
}

export function movedReport({ name, commit }: TagRef, first: Oid): TagReport {
  return {
    kind: 'moved',
    tag: name,
    message: `The tag "${name}" was moved from ${short(first)} to ${short(commit)}; it stays at ${short(first)}, where it first counted. Release the new commit under a new version.`,
  }
}

export function deletedReport(tag: string, commit: Oid): TagReport {
  return {
    kind: 'deleted',
    tag,
    message: `The tag "${tag}" was deleted; what it released at ${short(commit)} stays released.`,
  }
}

export function unreachableReport({ name, commit }: TagRef, branch: string): TagReport {
  return {
    kind: 'unreachable',
    tag: name,
    message: `The tag "${name}" does not count yet: its commit ${short(commit)} is not on the branch "${branch}". Merge it, and it counts with the next pass.`,
  }
}

function short(oid: Oid): string {
  return oid.slice(0, 12)
}
