import { GlobFlaw, type GlobToken, type Part, scanGlob } from './glob-syntax.ts'

/** The pattern of one path segment, or `globstar` for any number of segments. */
export type Segment = readonly GlobToken[] | 'globstar'

/** A pattern without braces. */
export type Alternative = readonly Segment[]

/** In characters: one pattern, all its alternatives together, and those of a repository's whole list. */
export const GLOB_LIMITS = { pattern: 512, alternatives: 2048, list: 4096 } as const

type FlatPart = Exclude<Part, { readonly kind: 'group' }>

/** Expands the braces of a pattern. Throws `GlobFlaw`. */
export function alternativesOf(pattern: string): readonly Alternative[] {
  return expand(scanBounded(pattern).parts).map(toSegments)
}

/** The total size of a pattern's alternatives. Throws `GlobFlaw`. */
export function expandedSize(pattern: string): number {
  return scanBounded(pattern).size
}

function scanBounded(pattern: string): { readonly parts: readonly Part[]; readonly size: number } {
  if (pattern === '') throw new GlobFlaw('The pattern is empty. Write `**` for every file.')
  if (pattern.length > GLOB_LIMITS.pattern) {
    const { length } = pattern
    throw new GlobFlaw(
      `The pattern has ${length} characters; at most ${GLOB_LIMITS.pattern} are allowed. Split it.`,
    )
  }
  if (pattern.startsWith('!')) {
    throw new GlobFlaw(
      '`!` does not exclude files. List the pattern under `exclude`, or write `\\!` for the character.',
    )
  }
  const parts = scanGlob(pattern.startsWith('./') ? pattern.slice(2) : pattern)
  const { count, characters } = sizeOf(parts)
  const size = count + characters
  if (size > GLOB_LIMITS.alternatives) {
    throw new GlobFlaw(
      `Its braces expand to more than ${GLOB_LIMITS.alternatives} characters. Use fewer of them.`,
    )
  }
  return { parts, size }
}

/** The number of alternatives and of characters in all of them. Both fit in a number. */
function sizeOf(parts: readonly Part[]): { readonly count: number; readonly characters: number } {
  let count = 1
  let characters = 0
  for (const part of parts) {
    const own = sizeOfPart(part)
    characters = characters * own.count + own.characters * count
    count *= own.count
  }
  return { count, characters }
}

function sizeOfPart(part: Part): { readonly count: number; readonly characters: number } {
  if (part.kind === 'set') return { count: 1, characters: part.ranges.length }
  if (part.kind !== 'group') return { count: 1, characters: 1 }
  const sizes = part.branches.map(sizeOf)
  return {
    count: sizes.reduce((sum, { count }) => sum + count, 0),
    characters: sizes.reduce((sum, { characters }) => sum + characters, 0),
  }
}

function expand(parts: readonly Part[]): readonly (readonly FlatPart[])[] {
  let expanded: readonly (readonly FlatPart[])[] = [[]]
  for (const part of parts) {
    const endings = part.kind === 'group' ? part.branches.flatMap(expand) : [[part]]
    expanded = expanded.flatMap((start) => endings.map((ending) => [...start, ...ending]))
  }
  return expanded
}

function toSegments(parts: readonly FlatPart[]): Alternative {
  const segments: FlatPart[][] = [[]]
  for (const part of parts) {
    if (part.kind === 'slash') segments.push([])
    else segments.at(-1)?.push(part)
  }
  return segments.map((segment, index) => toSegment(segment, index, segments.length))
}

function toSegment(parts: readonly FlatPart[], index: number, count: number): Segment {
  if (parts.length === 0 && count > 1) throw new GlobFlaw(emptyName(index, count))
  if (parts.every(isDot) && (parts.length === 1 || parts.length === 2)) {
    throw new GlobFlaw('A path cannot have `.` or `..` as a name. Write the path from the folder itself.')
  }
  if (parts.length === 1 && parts[0]?.kind === 'globstar') return 'globstar'
  return parts.map((part) => {
    if (part.kind !== 'globstar' && part.kind !== 'slash') return part
    throw new GlobFlaw(
      '`**` matches whole folders only. Write `**/*.md` to match by file ending, or `*` within a name.',
    )
  })
}

function emptyName(index: number, count: number): string {
  if (index === 0) return 'A pattern cannot begin with `/`. Remove it.'
  if (index === count - 1)
    return 'A pattern cannot end with `/`. Write `/**` to match everything in a folder.'
  return 'A pattern cannot contain `//`. Remove one `/`.'
}

function isDot(part: FlatPart): boolean {
  return part.kind === 'character' && part.codePoint === 0x2e
}
