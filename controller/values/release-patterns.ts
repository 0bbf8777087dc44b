import { parseRelease, type Release } from '../../api/contract/release.ts'
import { versionNameProblem } from '../../api/contract/version-name.ts'

/** One way to read a tag as a release, before the ids of its tree are known. */
export interface Reading {
  readonly release: Release
  /** The text at `{id}`; `null` if the pattern has no `{id}`, so the tag covers its whole tree. */
  readonly idText: string | null
}

export interface TagReadings {
  /** In the order of the patterns; within one pattern, longest id first. */
  readonly readings: readonly Reading[]
  /** Why the tag is not a release although a pattern nearly matches, as an error message; `null` if none does. */
  readonly notRelease: string | null
}

/** Why `pattern` is not a valid release pattern, as an error message; `undefined` if it is. */
export function patternProblem(pattern: string): string | undefined {
  const placeholders = pattern.match(/\{[^}]*\}/g) ?? []
  const unknown = placeholders.find((found) => found !== '{id}' && found !== '{version}')
  if (unknown !== undefined)
    return `"${pattern}" has ${unknown}. A release pattern can have {id} and {version} only.`
  if (placeholders.filter((found) => found === '{version}').length !== 1) {
    return `"${pattern}" must have {version} exactly once.`
  }
  if (placeholders.length > 2) return `"${pattern}" must have {id} at most once.`
  if (/\}\{/.test(pattern)) return `"${pattern}" needs a separator between {id} and {version}.`
  return undefined
}

/** Every way to read a tag under the patterns. A version is a semantic version that starts with a digit. */
export function readTag(tag: string, patterns: readonly string[]): TagReadings {
  const splits = patterns
    .flatMap((pattern) => splitsOf(tag, pattern))
    .filter(({ versionText }) => /^\d/.test(versionText))
  const judged = splits.map(({ idText, versionText }) => ({ idText, ...judgeVersion(versionText) }))
  const readings = judged.flatMap((one) =>
    'release' in one ? [{ release: one.release, idText: one.idText }] : [],
  )
  const [first] = judged
  const notRelease = readings.length === 0 && first !== undefined && 'problem' in first ? first.problem : null
  return { readings, notRelease }
}

/**
 * Parses a tag's version with three numeric parts, or two (`0.16` means 0.16.0). A single part is not a release,
 * because teams move such tags. A release that cannot name a version is rejected.
 */
function judgeVersion(text: string): { readonly release: Release } | { readonly problem: string } {
  if (/^\d+$/.test(text))
    return {
      problem: `"${text}" has only one numeric part, like a moving tag; release under a version such as ${text}.0.0`,
    }
  const release = parseRelease(text.replace(/^(\d+\.\d+)(?=$|[-+])/, '$1.0'))
  if (release === undefined) return { problem: `"${shown(text)}" is not a semantic version such as 1.2.3` }
  if (versionNameProblem(release) === undefined) return { release }
  return { problem: `"${shown(text)}" cannot name a version; a name has at most 128 characters` }
}

const MOST_SHOWN = 60

function shown(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`
}

interface Split {
  readonly idText: string | null
  readonly versionText: string
}

function splitsOf(tag: string, pattern: string): Split[] {
  const [before = '', between, after = ''] = pattern.split(/\{(?:id|version)\}/)
  // With only one placeholder, the second part follows it.
  const suffix = pattern.includes('{id}') ? after : (between ?? '')
  if (tag.length <= before.length + suffix.length) return []
  if (!tag.startsWith(before) || !tag.endsWith(suffix)) return []
  const inner = tag.slice(before.length, tag.length - suffix.length)
  if (!pattern.includes('{id}')) return [{ idText: null, versionText: inner }]
  const idFirst = pattern.indexOf('{id}') < pattern.indexOf('{version}')
  return cutsOf(inner, between ?? '')
    .map(([left, right]) =>
      idFirst ? { idText: left, versionText: right } : { idText: right, versionText: left },
    )
    .sort((a, b) => b.idText.length - a.idText.length)
}

/** Every way to split `text` in two at a separator. */
function cutsOf(text: string, separator: string): [string, string][] {
  const cuts: [string, string][] = []
  for (let at = text.indexOf(separator, 1); at !== -1; at = text.indexOf(separator, at + 1)) {
    cuts.push([text.slice(0, at), text.slice(at + separator.length)])
  }
  return cuts
}
