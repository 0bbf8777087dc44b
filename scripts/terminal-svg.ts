/** Draws the output of a terminal as SVG, with the colours that `promptctl` uses. Pure. */

const CELL = { width: 8.43, height: 19, font: 14 }
const EDGE = 16
/** Attributes of a `tspan`, by code of SGR (ECMA-48). */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold"',
  2: 'opacity="0.6"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  33: 'fill="#e3b341"',
  36: 'fill="#79c0ff"',
}

export interface TerminalPicture {
  /** For people who cannot see the picture. */
  readonly title: string
  readonly columns: number
  /** Text with SGR sequences. */
  readonly output: string
}

export function terminalSvg({ title, columns, output }: TerminalPicture): string {
  const lines = output.replaceAll('\r\n', '\n').trimEnd().split('\n')
  const width = Math.ceil(columns * CELL.width) + 2 * EDGE
  const height = lines.length * CELL.height + 2 * EDGE
  const rows = lines.map((line, row) => {
    const y = EDGE + (row + 0.75) * CELL.height
    return `<text x="${EDGE}" y="${y}">${styled(line)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${CELL.font}" fill="#e6edf3">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Each run of characters with one style becomes a `tspan`. Other sequences are left out. */
function styled(line: string): string {
  const style = new Set<string>()
  let drawn = ''
  for (const [, sequence, text = ''] of line.matchAll(SEQUENCE_OR_TEXT)) {
    if (sequence === undefined) drawn += run(text, style)
    else if (sequence === '' || sequence === '0') style.clear()
    else for (const code of sequence.split(';')) style.add(code)
  }
  return drawn
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR begins with the character ESC.
const SEQUENCE_OR_TEXT = /\u001b\[([\d;]*)[A-Za-z]|([^\u001b]+)/g

function run(text: string, style: ReadonlySet<string>): string {
  const attributes = [...style].flatMap((code) => STYLES[code] ?? [])
  // SVG collapses other spaces.
  const drawn = escaped(text).replaceAll(' ', '\u00a0')
  return attributes.length === 0 ? drawn : `<tspan ${attributes.join(' ')}>${drawn}</tspan>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
