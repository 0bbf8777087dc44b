import { parse } from 'semver'
import type { Release } from '../contract/release.ts'

const DIGITS = 16
const NUMBER = /^\d+$/

/** A string that sorts by code units as the release does by semver.org's rule 11. Build metadata does not count. */
export function releaseKey(release: Release): string {
  const version = parse(release)
  if (version === null) throw new TypeError(`not a release: ${release}`)
  const core = [version.major, version.minor, version.patch].map(padded).join('.')
  // "~" sorts behind "-": a pre-release is lower than its release.
  if (version.prerelease.length === 0) return `${core}~`
  // The space sorts before every character of an identifier, so a shorter list of identifiers is lower.
  return `${core}-${version.prerelease.map(identifierKey).join(' ')}`
}

function identifierKey(identifier: string | number): string {
  const text = String(identifier)
  // A number too large for JavaScript comes as a string; its length in front makes it sort by its size as well.
  return NUMBER.test(text) ? `0${String(text.length).padStart(3, '0')}${text}` : `1${text}`
}

function padded(value: number): string {
  return String(value).padStart(DIGITS, '0')
}
