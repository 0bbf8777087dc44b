/** Text of strangers within Markdown: it stands in code, where nothing of it is a mention, a link or markup. */

/** Control characters, and those that turn the direction of writing. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** A code span, of at most `most` characters of the text. */
export function code(text: string, most = 200): string {
  const line = clip(text.replaceAll(INVISIBLE, '\uFFFD').toWellFormed(), most)
  const ticks = '`'.repeat(longestRun(line) + 1)
  // The space next to a tick is not shown; a span of nothing is none.
  return line === '' ? '` `' : /^[ `]|[ `]$/.test(line) ? `${ticks} ${line} ${ticks}` : ticks + line + ticks
}

/** The same within HTML. */
export function htmlCode(text: string, most = 200): string {
  const line = clip(text.replaceAll(INVISIBLE, '\uFFFD').toWellFormed(), most)
  return `<code>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</code>`
}

/** A fenced block, whose fence is longer than any run of backticks in it. */
export function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text.toWellFormed().replace(/\n$/, '')}\n${fence}`
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
