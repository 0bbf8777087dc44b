import { parseRelease, type Release } from '../../api/contract/release.ts'

/** One way to read a tag as a release, before the ids of its tree are known. */
export interface Reading {
  readonly release: Release
  /** The text where `{id}` stands; `null` where the pattern has none and the tag covers its whole tree. */
  readonly idText: string | null
}

export interface TagReadings {
  /** In the order of the patterns; of one pattern the longest id first. */
  readonly readings: readonly Reading[]
  /** What stands where a version should, where no pattern reads the tag but one nearly does. */
  readonly notSemantic: string | null
}

/** Why `pattern` cannot be a release pattern, as a sentence; `undefined` when it can. */
export function patternProblem(pattern: string): string | undefined {
  const placeholders = pattern.match(/\{[^}]*\}/g) ?? []
  const unknown = placeholders.find((found) => found !== '{id}' && found !== '{version}')
  if (unknown !== undefined) return `"${pattern}" has ${unknown}; a release pattern knows {id} and {version}.`
  if (placeholders.filter((found) => found === '{version}').length !== 1) {
    return `"${pattern}" must have {version} exactly once.`
  }
  if (placeholders.length > 2) return `"${pattern}" must have {id} at most once.`
  if (/\}\{/.test(pattern)) return `"${pattern}" needs some text between {id} and {version}.`
  return undefined
}

/** Every way to read a tag under the patterns. A version is a semantic version that starts with a digit. */
export function readTag(tag: string, patterns: readonly string[]): TagReadings {
  const splits = patterns.flatMap((pattern) => splitsOf(tag, pattern))
  const readings = splits.flatMap(({ idText, versionText }) => {
    const release = /^\d/.test(versionText) ? parseRelease(versionText) : undefined
    return release === undefined ? [] : [{ release, idText }]
  })
  const nearly = splits.find(({ versionText }) => /^\d/.test(versionText))
  return { readings, notSemantic: readings.length === 0 ? (nearly?.versionText ?? null) : null }
}

interface Split {
  readonly idText: string | null
  readonly versionText: string
}

function splitsOf(tag: string, pattern: string): Split[] {
  const [before = '', between, after = ''] = pattern.split(/\{(?:id|version)\}/)
  // With one placeholder the second part is what follows it.
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

/** Every way to cut a text in two at a separator. */
function cutsOf(text: string, separator: string): [string, string][] {
  const cuts: [string, string][] = []
  for (let at = text.indexOf(separator, 1); at !== -1; at = text.indexOf(separator, at + 1)) {
    cuts.push([text.slice(0, at), text.slice(at + separator.length)])
  }
  return cuts
}
