import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import type { VersionName } from './version-name.ts'

/** A semantic version with three parts, without a leading `v`. Orders the release line. */
export type Release = string

/** Three small numbers, as nearly all releases have. `semver` makes an object of each, and an error of a label like `12ab…`. */
const PLAIN = /^(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})$/
/** `semver` trims white space, including no-break spaces, so the characters are checked first. */
const RELEASE = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/

/**
 * The release that a name stands for; `undefined` if the name is not a semantic version. All three parts are
 * required: a content hash of twelve decimal digits must never become a release.
 */
export function parseRelease(name: VersionName): Release | undefined {
  const bare = name.replace(/^v(?=\d)/, '')
  return PLAIN.test(bare) || (RELEASE.test(bare) && parse(bare) !== null) ? bare : undefined
}

/** Negative if `a` is lower. Ignores build metadata (semver.org, rule 10). */
export function compareReleases(a: Release, b: Release): number {
  return PLAIN.test(a) && PLAIN.test(b) ? comparePlain(a, b) : compare(a, b)
}

function comparePlain(a: Release, b: Release): number {
  const others = b.split('.')
  for (const [index, part] of a.split('.').entries()) {
    const difference = Number(part) - Number(others[index])
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

/** Equal for releases that `compareReleases` finds equal. */
export function releaseKey(release: Release): string {
  return release.replace(/\+.*$/, '')
}

export function isPrerelease(release: Release): boolean {
  return (parse(release)?.prerelease.length ?? 0) > 0
}

export function higherRelease(a: Release | undefined, b: Release | undefined): Release | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareReleases(a, b) >= 0 ? a : b
}
