import { visible } from '../../api/contract/visible-text.ts'

/** Text of strangers within Markdown: it stands in code, where nothing of it is a mention, a link or markup. */

/** A code span with at most `most` characters of the text. */
export function code(text: string, most = 200): string {
  const line = clip(visible(text), most)
  const ticks = '`'.repeat(longestRun(line) + 1)
  // Markdown hides a padding space next to the ticks, and does not allow an empty span.
  return line === '' ? '` `' : /^[ `]|[ `]$/.test(line) ? `${ticks} ${line} ${ticks}` : ticks + line + ticks
}

/** Like `code`, in HTML. */
export function htmlCode(text: string, most = 200): string {
  const line = clip(visible(text), most)
  return `<code>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</code>`
}

/** A fenced block. Its fence is longer than any run of backticks in the text. */
export function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${visible(text, { keepLines: true }).replace(/\n$/, '')}\n${fence}`
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}

function clip(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
