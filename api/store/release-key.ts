import parse from 'semver/functions/parse.js'
import type { Release } from '../contract/release.ts'

const DIGITS = 16
const NUMBER = /^\d+$/

/** A string that sorts (by code units) in the order of semver.org's rule 11. Ignores build metadata. */
export function releaseKey(release: Release): string {
  const version = parse(release)
  if (version === null) throw new TypeError(`not a release: ${release}`)
  const core = [version.major, version.minor, version.patch].map(padded).join('.')
  // "~" sorts after "-", because a pre-release is lower than its release.
  if (version.prerelease.length === 0) return `${core}~`
  // The space sorts before every character of an identifier, so a shorter list of identifiers is lower.
  return `${core}-${version.prerelease.map(identifierKey).join(' ')}`
}

function identifierKey(identifier: string | number): string {
  const text = String(identifier)
  // Semver keeps numbers too large for JavaScript as strings. Their length in front makes them sort by size.
  return NUMBER.test(text) ? `0${String(text.length).padStart(3, '0')}${text}` : `1${text}`
}

function padded(value: number): string {
  return String(value).padStart(DIGITS, '0')
}
