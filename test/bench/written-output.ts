/**
 * The document with the lines below the heading of the benchmark, in place of those of an earlier run. A new heading
 * goes to the end.
 */
export function withOutput(document: string, name: string, lines: readonly string[]): string {
  const heading = `### ${name}\n`
  const section = `${heading}\n${lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}\n`
  const start = document.indexOf(`\n${heading}`)
  if (start < 0) return `${document.trimEnd()}\n\n${section}`
  const next = document.slice(start + 1 + heading.length).search(/^#{1,3} /m)
  const end = next < 0 ? document.length : start + 1 + heading.length + next
  const after = document.slice(end)
  return `${document.slice(0, start + 1)}${section}${after === '' ? '' : `\n${after}`}`
}
