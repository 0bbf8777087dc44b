import { diffWordsWithSpace, structuredPatch } from 'diff'

/** A part of a line; `changed` if the other side has other words there. */
export interface LinePart {
  readonly text: string
  readonly changed: boolean
}

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  /** Line numbers from 1; `null` if the side lacks the line. */
  readonly before: number | null
  readonly after: number | null
  readonly parts: readonly LinePart[]
}

/** Neighbouring lines of a diff. Lines between two hunks are equal on both sides. */
export interface DiffHunk {
  readonly before: number
  readonly after: number
  readonly lines: readonly DiffLine[]
}

export interface LinesDiff {
  readonly hunks: readonly DiffHunk[]
  readonly added: number
  readonly removed: number
  /** false: the two sides differ so much that every line is shown as replaced. */
  readonly isCompared: boolean
  /** Number of replaced lines that are not in `hunks`. */
  readonly omitted: number
}

/** A comparison takes time proportional to lines times edits. */
const MOST_EDITS = 1000
const COMPARE_MS = 100
/** Characters. A pause of the process must not change the diff of shorter texts, which the edits bound. */
const LARGE = 100_000
/** Longer lines, and further pairs of lines, are compared as a whole. */
const LONGEST_COMPARED_LINE = 2000
const MOST_COMPARED_PAIRS = 200
/** Lines of each side in a whole replacement. */
const MOST_REPLACED = 2500

/** Compares two strings by line, and changed lines by word. Bounded: large differences replace the whole text. */
export function diffLines(before: string, after: string): LinesDiff {
  const isLarge = before.length + after.length > LARGE
  const options = { context: 3, maxEditLength: MOST_EDITS, ...(isLarge && { timeout: COMPARE_MS }) }
  const patch = structuredPatch('', '', before, after, '', '', options)
  if (patch === undefined) return wholeReplacement(linesOf(before), linesOf(after))
  const budget = { pairs: MOST_COMPARED_PAIRS }
  const hunks = patch.hunks.map(({ oldStart, newStart, lines }) => ({
    before: oldStart,
    after: newStart,
    // "\ No newline at end of file" belongs to the format of patches, not to the text.
    lines: numbered(
      lines.filter((line) => !line.startsWith('\\')),
      oldStart,
      newStart,
      budget,
    ),
  }))
  const all = hunks.flatMap(({ lines }) => lines)
  const count = (kind: DiffLine['kind']) => all.filter((line) => line.kind === kind).length
  return { hunks, added: count('added'), removed: count('removed'), isCompared: true, omitted: 0 }
}

function wholeReplacement(before: readonly string[], after: readonly string[]): LinesDiff {
  const lineOf = (kind: 'removed' | 'added', text: string, index: number): DiffLine => ({
    kind,
    before: kind === 'removed' ? index + 1 : null,
    after: kind === 'added' ? index + 1 : null,
    parts: whole(text, false),
  })
  const lines = [
    ...before.slice(0, MOST_REPLACED).map((text, index) => lineOf('removed', text, index)),
    ...after.slice(0, MOST_REPLACED).map((text, index) => lineOf('added', text, index)),
  ]
  return {
    hunks: [{ before: 1, after: 1, lines }],
    ...{ added: after.length, removed: before.length, isCompared: false },
    omitted: before.length + after.length - lines.length,
  }
}

/** Lines, without a last empty one. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function numbered(
  lines: readonly string[],
  oldStart: number,
  newStart: number,
  budget: { pairs: number },
): DiffLine[] {
  const result: DiffLine[] = []
  let [before, after] = [oldStart, newStart]
  for (let at = 0; at < lines.length; ) {
    const removed = runOf(lines, at, '-')
    const added = runOf(lines, at + removed.length, '+')
    if (removed.length + added.length === 0) {
      const line = lines[at++] ?? ''
      result.push({ kind: 'same', before: before++, after: after++, parts: whole(line.slice(1), false) })
      continue
    }
    at += removed.length + added.length
    const pairs = removed.map((line, index) => pairOf(line, added[index], budget))
    for (const [index, line] of removed.entries())
      result.push({
        kind: 'removed',
        before: before++,
        after: null,
        parts: pairs[index]?.[0] ?? whole(line, false),
      })
    for (const [index, line] of added.entries())
      result.push({
        kind: 'added',
        before: null,
        after: after++,
        parts: pairs[index]?.[1] ?? whole(line, false),
      })
  }
  return result
}

function runOf(lines: readonly string[], from: number, sign: string): string[] {
  const run: string[] = []
  for (let at = from; lines[at]?.startsWith(sign); at++) run.push(lines[at] ?? '')
  return run.map((line) => line.slice(1))
}

function whole(text: string, changed: boolean): readonly LinePart[] {
  return [{ text, changed }]
}

type Pair = readonly [before: readonly LinePart[], after: readonly LinePart[]]

function pairOf(before: string, after: string | undefined, budget: { pairs: number }): Pair | undefined {
  if (after === undefined || Math.max(before.length, after.length) > LONGEST_COMPARED_LINE) return undefined
  if (budget.pairs-- <= 0) return undefined
  const changes = diffWordsWithSpace(before, after, { maxEditLength: 200 })
  // Lines without a common word are two lines, not a changed one.
  if (changes?.some(({ added, removed, value }) => !added && !removed && /\w/.test(value)) !== true)
    return undefined
  const side = (skipped: 'added' | 'removed', own: 'added' | 'removed') =>
    changes
      .filter((change) => !change[skipped])
      .map((change) => ({ text: change.value, changed: change[own] }))
  return [side('added', 'removed'), side('removed', 'added')]
}
