import { compareReleases, isPrerelease, type Release } from '../../api/contract/release.ts'
import type { Reading } from '../values/release-patterns.ts'
import type { CandidateTag } from './classify-tags.ts'

/** The prompts that a tag releases. */
export interface Coverage {
  readonly release: Release
  readonly prerelease: boolean
  /** The prompt that the tag names; `null` if it covers its whole tree. */
  readonly id: string | null
}

/** A tag that counts, with its coverage. */
export type CountedTag = CandidateTag & { readonly coverage: Coverage }

/**
 * The first reading that fits the tree. One without `{id}` always fits; one with `{id}` fits if the tree has a
 * prompt with that id, with or without the prefix. `undefined` if none fits.
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

/** Newest release first. If equal: the one that counted first, then one for a single prompt, then by name. */
export function compareReleaseTags(
  a: CandidateTag & { readonly coverage: Coverage },
  b: CandidateTag & { readonly coverage: Coverage },
): number {
  return (
    compareReleases(b.coverage.release, a.coverage.release) ||
    placeOrLast(a) - placeOrLast(b) ||
    Number(b.coverage.id !== null) - Number(a.coverage.id !== null) ||
    (a.tag < b.tag ? -1 : 1)
  )
}

function placeOrLast({ place }: CandidateTag): number {
  return place ?? Number.MAX_SAFE_INTEGER
}
