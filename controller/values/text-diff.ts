import { createTwoFilesPatch } from 'diff'

/** Bounds the cost of a diff, which is lines times edits. */
const MOST_EDITS = 1000
const HEADERS = { includeIndex: false, includeUnderline: false, includeFileHeaders: false }

/**
 * The hunks of a unified diff, `''` for equal texts; `null` if the two differ too much for a readable diff. A missing
 * side is `null`.
 */
export function textDiff(before: string | null, after: string | null): string | null {
  if (before === after) return ''
  if (before === null || after === null) return whole(before, after)
  const options = { maxEditLength: MOST_EDITS, headerOptions: HEADERS }
  return createTwoFilesPatch('', '', before, after, undefined, undefined, options) ?? null
}

function whole(before: string | null, after: string | null): string {
  const [sign, text] = before === null ? ['+', after ?? ''] : ['-', before]
  const lines = text.split('\n')
  const ended = lines.at(-1) === ''
  const shown = (ended ? lines.slice(0, -1) : lines).map((line) => `${sign}${line}\n`)
  const place = `1,${shown.length}`
  const header = sign === '+' ? `@@ -0,0 +${place} @@\n` : `@@ -${place} +0,0 @@\n`
  return header + shown.join('') + (ended ? '' : '\\ No newline at end of file\n')
}
