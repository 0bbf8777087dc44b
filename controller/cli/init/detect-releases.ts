import { patternProblem, readTag } from '../../values/release-patterns.ts'

/** Release patterns that fit the tags of a repository. */
export interface DetectedReleases {
  /** In the order to try them. */
  readonly patterns: readonly string[]
  /** Number of tags that one of the patterns reads as a release. */
  readonly matched: number
  readonly total: number
  /** Some tags that no pattern reads. */
  readonly unmatched: readonly string[]
}

const FEW = 3
/** A repository with more kinds of tags has tags for other things than releases of prompts. */
const MOST_PATTERNS = 6

/** Keeps the default patterns if they fit, and adds those that the other tags need. Pure. */
export function detectReleases(tags: readonly string[], defaults: readonly string[]): DetectedReleases {
  const others = tags.filter((tag) => !isRelease(tag, defaults))
  const found = [
    ...Map.groupBy(
      others.flatMap((tag) => shapeOf(tag) ?? []),
      (shape) => shape,
    ),
  ]
  const added = found
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([shape]) => shape)
    .slice(0, MOST_PATTERNS)
  const used = defaults.filter((pattern) => tags.some((tag) => isRelease(tag, [pattern])))
  // A repository without tags can still get any of the usual ones.
  const patterns = added.length === 0 ? defaults : [...used, ...added]
  const unmatched = tags.filter((tag) => !isRelease(tag, patterns))
  return {
    patterns,
    matched: tags.length - unmatched.length,
    total: tags.length,
    unmatched: unmatched.slice(0, FEW),
  }
}

function isRelease(tag: string, patterns: readonly string[]): boolean {
  return readTag(tag, patterns).readings.length > 0
}

/** `release-1.2.0` has the shape `release-{version}`, `a/b-1.2.0` the shape `{id}-{version}`. */
function shapeOf(tag: string): string | undefined {
  const [, before = '', mark = ''] = /^(.*?)(v?)\d+(\.\d+)+([-+][\w.+-]+)?$/i.exec(tag) ?? []
  if (!/\d$/.test(tag) && before === '' && mark === '') return undefined
  const [, name = '', separator = ''] = /^(.*?)([@/_-]?)$/.exec(before) ?? []
  const isWord = /^(release|releases|rel|version|ver|prod|production|r|prompts?)$/i.test(name)
  const pattern =
    name === '' || isWord || separator === ''
      ? `${before}${mark}{version}`
      : `{id}${separator}${mark}{version}`
  return patternProblem(pattern) === undefined && isRelease(tag, [pattern]) ? pattern : undefined
}
