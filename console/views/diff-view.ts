import { visible } from '../../api/contract/visible-text.ts'
import type { DiffHunk, DiffLine, LinePart, LinesDiff } from '../diff/diff-lines.ts'
import { EMPTY, type Html, html, marked } from '../html.ts'
import { numberText } from './parts.ts'

/** Bounds of what one page shows. The rest can be downloaded. */
export interface ShownLimits {
  readonly lines: number
  readonly characters: number
}

export const BRIEF: ShownLimits = { lines: 400, characters: 400 }
export const LONG: ShownLimits = { lines: 5000, characters: 4000 }

export interface DiffViewOptions {
  readonly layout: 'unified' | 'split'
  readonly limits: ShownLimits
  /** The URL that shows more, if the limits cut something; `null` if this is the most. */
  readonly moreHref: string | null
}

/** The difference of two versions, as a table. */
export function diffView(diff: LinesDiff, options: DiffViewOptions): Html {
  if (diff.hunks.length === 0) return html`<p class="body">Both versions have the same text.</p>`
  const { hunks, hidden } = cut(diff, options.limits.lines)
  const isCut = hidden > 0 || hasLongLine(hunks, options.limits.characters)
  const rows = options.layout === 'split' ? splitRows : unifiedRows
  return html`<div class="diff" role="region" aria-label="Changes" tabindex="0"><table class="${options.layout}">
<colgroup>${COLUMNS[options.layout].map((name) => html`<col class="${name}">`)}</colgroup>
<tbody>${hunks.map((hunk, index) => [gapRow(hunks[index - 1], hunk), ...rows(hunk, options.limits)])}</tbody>
</table></div>
${diff.isCompared ? '' : html`<p class="foot">The versions differ in most lines, so every line is shown as replaced.</p>`}
${isCut ? more(hidden, options.moreHref) : ''}`
}

const COLUMNS = {
  unified: ['c-num', 'c-num', 'c-sign', 'c-text'],
  split: ['c-num', 'c-text', 'c-num', 'c-text'],
} as const

/** `+3 −1`, in words for screen readers. */
export function diffCounts({ added, removed }: LinesDiff): Html {
  if (added + removed === 0) return EMPTY
  return html`<span class="faint">${lines(added)} added, ${lines(removed)} removed</span>`
}

function lines(count: number): string {
  return `${numberText(count)} ${count === 1 ? 'line' : 'lines'}`
}

function more(hidden: number, href: string | null): Html {
  const cutLines = hidden === 0 ? 'Long lines are cut.' : `${lines(hidden)} more.`
  return html`<p class="foot">${cutLines} ${href === null ? 'Download the files to see everything.' : html`<a href="${href}">Show all</a>`}</p>`
}

function cut({ hunks, omitted }: LinesDiff, most: number): { hunks: DiffHunk[]; hidden: number } {
  const kept: DiffHunk[] = []
  let left = most
  let hidden = omitted
  for (const hunk of hunks) {
    const shownLines = hunk.lines.slice(0, left)
    hidden += hunk.lines.length - shownLines.length
    left -= shownLines.length
    if (shownLines.length > 0) kept.push({ ...hunk, lines: shownLines })
  }
  return { hunks: kept, hidden }
}

function hasLongLine(hunks: readonly DiffHunk[], most: number): boolean {
  const length = ({ parts }: DiffLine) => parts.reduce((sum, { text }) => sum + text.length, 0)
  return hunks.some((hunk) => hunk.lines.some((line) => length(line) > most))
}

function gapRow(previous: DiffHunk | undefined, hunk: DiffHunk): Html {
  const end = previous === undefined ? 1 : endOf(previous)
  const count = hunk.before - end
  if (count <= 0) return EMPTY
  return html`<tr class="gap"><td colspan="4">${lines(count)} unchanged</td></tr>`
}

function endOf(hunk: DiffHunk): number {
  return hunk.lines.reduce((end, { before }) => (before === null ? end : before + 1), hunk.before)
}

function unifiedRows(hunk: DiffHunk, limits: ShownLimits): Html[] {
  return hunk.lines.map(
    (line) =>
      html`<tr><td class="num ${line.kind}">${numberOf(line.before)}</td><td class="num ${line.kind}">${numberOf(line.after)}</td><td class="sign ${line.kind}">${SIGNS[line.kind]}</td><td class="text ${line.kind}">${lineText(line, limits)}</td></tr>`,
  )
}

const SIGNS = {
  same: EMPTY,
  added: html`<span aria-hidden="true">+</span><span class="sr">added</span>`,
  removed: html`<span aria-hidden="true">−</span><span class="sr">removed</span>`,
} as const

function splitRows(hunk: DiffHunk, limits: ShownLimits): Html[] {
  return pairs(hunk.lines).map(
    ([left, right]) =>
      html`<tr>${splitCells(left, 'before', limits)}${splitCells(right, 'after', limits)}</tr>`,
  )
}

function splitCells(line: DiffLine | undefined, side: 'before' | 'after', limits: ShownLimits): Html {
  if (line === undefined) return html`<td class="num empty"></td><td class="text empty"></td>`
  const word = line.kind === 'same' ? '' : html`<span class="sr">${line.kind}</span>`
  return html`<td class="num ${line.kind}">${word}${numberOf(line[side])}</td><td class="text ${line.kind}">${lineText(line, limits)}</td>`
}

/** Lines of both sides next to each other. */
function pairs(all: readonly DiffLine[]): (readonly [DiffLine | undefined, DiffLine | undefined])[] {
  const result: (readonly [DiffLine | undefined, DiffLine | undefined])[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) result.push([removed[at], added[at]])
    removed = []
    added = []
  }
  for (const line of all) {
    if (line.kind === 'removed') removed.push(line)
    else if (line.kind === 'added') added.push(line)
    else {
      flush()
      result.push([line, line])
    }
  }
  flush()
  return result
}

function numberOf(line: number | null): string {
  return line === null ? '' : String(line)
}

function lineText({ kind, parts }: DiffLine, { characters }: ShownLimits): Html {
  let left = characters
  const shownParts: Html[] = []
  for (const part of parts) {
    if (left <= 0) break
    shownParts.push(partText(part, kind, left))
    left -= part.text.length
  }
  const hidden = parts.reduce((sum, { text }) => sum + text.length, 0) - characters
  return html`${shownParts}${clipped(hidden)}`
}

function clipped(hidden: number): Html {
  if (hidden <= 0) return EMPTY
  return html`<span class="clip">${numberText(hidden)} more characters</span>`
}

function partText({ text, changed }: LinePart, kind: DiffLine['kind'], most: number): Html {
  const visible = marked(text.slice(0, most))
  if (!changed) return visible
  return kind === 'added' ? html`<ins>${visible}</ins>` : html`<del>${visible}</del>`
}

export interface FileViewOptions extends Pick<DiffViewOptions, 'limits' | 'moreHref'> {
  /** Names the region for screen readers. Default: `Text`. */
  readonly label?: string
}

/** Text with line numbers. */
export function fileView(text: string, { limits, moreHref, label = 'Text' }: FileViewOptions): Html {
  const all = text.split('\n')
  if (all.at(-1) === '') all.pop()
  const kept = all.slice(0, limits.lines)
  const isCut = all.length > kept.length || kept.some((line) => line.length > limits.characters)
  return html`<div class="diff" role="region" aria-label="${visible(label)}" tabindex="0"><table class="file">
<colgroup><col class="c-num"><col class="c-text"></colgroup>
<tbody>${kept.map((line, index) => html`<tr><td class="num">${String(index + 1)}</td><td class="text">${marked(line.slice(0, limits.characters))}${clipped(line.length - limits.characters)}</td></tr>`)}</tbody>
</table></div>${isCut ? more(all.length - kept.length, moreHref) : ''}`
}
