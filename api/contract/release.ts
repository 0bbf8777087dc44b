import { compare, parse } from 'semver'
import type { VersionName } from './version-name.ts'

/** A semantic version with three parts, written without a leading `v`. The release line is ordered by it. */
export type Release = string

/**
 * The release that a name stands for, `undefined` where it is not a semantic version. Only a name written with
 * all three parts counts: a content hash of twelve decimal digits must never become a release.
 */
export function parseRelease(name: VersionName): Release | undefined {
  const bare = name.replace(/^v(?=\d)/, '')
  const parsed = /^\d/.test(bare) ? parse(bare) : null
  return parsed === null ? undefined : bare
}

/** Negative where `a` is lower. Build metadata does not count (semver.org, rule 10). */
export function compareReleases(a: Release, b: Release): number {
  return compare(a, b)
}

export function isPrerelease(release: Release): boolean {
  return (parse(release)?.prerelease.length ?? 0) > 0
}

export function higherRelease(a: Release | undefined, b: Release | undefined): Release | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareReleases(a, b) >= 0 ? a : b
}
