import type { Alternative, Segment } from './glob-alternatives.ts'
import type { GlobToken } from './glob-syntax.ts'

const DOT = 0x2e

/** The segments of a path, each as code points. */
export type PathNames = readonly (readonly number[])[]

export interface MatchOptions {
  /** Let wildcards match names that begin with a dot. */
  readonly dot: boolean
  /** Counts comparisons. There are at most as many as pattern times path, in characters. */
  readonly onSteps?: ((count: number) => void) | undefined
}

export function namesOf(path: string): PathNames {
  return path.split('/').map(codePoints)
}

/** Each path is compared with several globs, and `Array.from` alone takes five times as long. */
function codePoints(name: string): number[] {
  const points: number[] = []
  for (let at = 0; at < name.length; at++) {
    const point = name.codePointAt(at) ?? 0
    points.push(point)
    if (point > 0xffff) at++
  }
  return points
}

/**
 * Walks the names once, with the set of all positions in the pattern that the names so far can reach. So there is
 * no backtracking, regardless of the number of globstars.
 */
export function matchesNames(segments: Alternative, names: PathNames, options: MatchOptions): boolean {
  let places = skipGlobstars(segments, new Set([0]))
  for (const name of names) {
    const next = new Set<number>()
    for (const place of places) {
      options.onSteps?.(1)
      const segment = segments[place]
      if (segment === undefined) continue
      if (segment === 'globstar') {
        if (options.dot || name[0] !== DOT) next.add(place).add(place + 1)
      } else if (matchesName(segment, name, options)) next.add(place + 1)
    }
    if (next.size === 0) return false
    places = skipGlobstars(segments, next)
  }
  return places.has(segments.length)
}

/** A globstar may match no name, except at the end of a pattern: `a/**` does not match `a`. */
function skipGlobstars(segments: Alternative, places: Set<number>): Set<number> {
  // A loop over a set also visits members added during the loop.
  for (const place of places) {
    if (segments[place] === 'globstar' && place + 1 < segments.length) places.add(place + 1)
  }
  return places
}

/** After a mismatch, only the last star needs to take one more character; extending an earlier one cannot help. */
function matchesName(
  tokens: Exclude<Segment, 'globstar'>,
  name: readonly number[],
  options: MatchOptions,
): boolean {
  if (name[0] === DOT && !options.dot && !namesDot(tokens[0])) return false
  let at = 0
  let position = 0
  let afterStar = -1
  let starEnd = 0
  let steps = 0
  while (position < name.length) {
    steps++
    const token = tokens[at]
    if (token?.kind === 'star') {
      afterStar = ++at
      starEnd = position
    } else if (token !== undefined && accepts(token, name[position] ?? 0)) {
      at++
      position++
    } else if (afterStar >= 0) {
      at = afterStar
      position = ++starEnd
    } else break
  }
  options.onSteps?.(steps)
  if (position < name.length) return false
  while (tokens[at]?.kind === 'star') at++
  return at === tokens.length
}

function accepts(token: GlobToken, codePoint: number): boolean {
  switch (token.kind) {
    case 'character':
      return token.codePoint === codePoint
    case 'any':
      return true
    case 'set':
      return token.ranges.some(([first, last]) => first <= codePoint && codePoint <= last) !== token.negated
    case 'star':
      return false
    default:
      return token satisfies never
  }
}

/** Whether a token matches a dot explicitly. */
function namesDot(token: GlobToken | undefined): boolean {
  if (token?.kind === 'set') return !token.negated && accepts(token, DOT)
  return token?.kind === 'character' && token.codePoint === DOT
}
