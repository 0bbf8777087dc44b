import { compareReleases, higherRelease, type Release } from '../../api/contract/release.ts'
import type { CandidateTag } from './classify-tags.ts'

type WithReadings = Pick<CandidateTag, 'readings'>

/** The release of a tag that names no prompt. Only such releases of a source have an order. */
export function wholeRelease({ readings }: WithReadings): Release | undefined {
  return readings.every(({ idText }) => idText === null) ? readings[0]?.release : undefined
}

/** Whether one of the `fresh` tags is below the highest of all. */
export function hasLateRelease(fresh: readonly WithReadings[], all: readonly WithReadings[]): boolean {
  // A commit without a tag does not look at thousands of others.
  if (fresh.length === 0) return false
  const highest = all.map(wholeRelease).reduce(higherRelease, undefined)
  return fresh.map(wholeRelease).some((one) => isLower(one, highest))
}

export function isLower(release: Release | undefined, than: Release | undefined): boolean {
  return release !== undefined && than !== undefined && compareReleases(release, than) < 0
}
