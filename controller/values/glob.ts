import { alternativesOf, expandedSize, GLOB_LIMITS } from './glob-alternatives.ts'
import { matchesNames, namesOf } from './glob-match.ts'
import { GlobFlaw } from './glob-syntax.ts'

export interface GlobOptions {
  /** Let wildcards match names that begin with a dot. Default: false; the pattern must name the dot. */
  readonly dot?: boolean
  /** Counts the comparisons of each match. If it throws, the match ends. */
  readonly onSteps?: (count: number) => void
}

/**
 * Compiles a glob for paths with names separated by `/`.
 *
 * `*` matches any characters within a name, `?` one character, `[a-z]` one of a set, and `[!a-z]` or `[^a-z]` one
 * that is not in it. `**` as a whole name matches any number of names, at the end at least one. `{a,b}` matches
 * either; braces nest. A `\` makes the next character literal. Case-sensitive.
 *
 * Matching takes at most time proportional to path length times pattern length. Throws `GlobFlaw` with the message
 * of `globProblem`.
 */
export function compileGlob(pattern: string, options: GlobOptions = {}): (path: string) => boolean {
  return compileGlobs([pattern], options)
}

/** Compiles patterns into a matcher that accepts a path if any of them matches. Throws `GlobFlaw`. */
export function compileGlobs(
  patterns: readonly string[],
  { dot = false, onSteps }: GlobOptions = {},
): (path: string) => boolean {
  const alternatives = patterns.flatMap(alternativesOf)
  return (path) => {
    if (path === '') return false
    const names = namesOf(path)
    return alternatives.some((segments) => matchesNames(segments, names, { dot, onSteps }))
  }
}

/** Whether a name has wildcards, so that it can match several paths. */
export function isGlob(name: string): boolean {
  return /[*?[{]/.test(name)
}

/** Why a pattern is invalid and what to write instead, as an error message; `undefined` if it is valid. */
export function globProblem(pattern: string): string | undefined {
  try {
    alternativesOf(pattern)
    return undefined
  } catch (error) {
    if (error instanceof GlobFlaw) return error.message
    throw error
  }
}

/**
 * Why a repository's patterns are too large together, as an error message; `undefined` if they are not. The limit
 * exists because each pattern is compared with each file. Invalid patterns do not count.
 */
export function globsProblem(patterns: readonly string[]): string | undefined {
  const sound = patterns.filter((pattern) => globProblem(pattern) === undefined)
  const size = sound.reduce((sum, pattern) => sum + expandedSize(pattern), 0)
  if (size <= GLOB_LIMITS.list) return undefined
  return `The patterns expand to ${size} characters together; at most ${GLOB_LIMITS.list} are allowed. Use fewer of them.`
}
