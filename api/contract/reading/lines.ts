/** A line, without its line ending. */
export interface Line {
  readonly start: number
  readonly end: number
  /** Offset of the next line. */
  readonly next: number
  /** From 1. */
  readonly number: number
}

/** Splits text into lines that end with LF or CRLF, as YAML and editors do. Excludes a byte order mark. */
export function* linesOf(
  text: string,
  from = text.startsWith('\uFEFF') ? 1 : 0,
  number = 1,
): Generator<Line> {
  for (let start = from; start < text.length; number++) {
    const feed = text.indexOf('\n', start)
    const stop = feed === -1 ? text.length : feed
    const end = stop > start && feed !== -1 && text[stop - 1] === '\r' ? stop - 1 : stop
    const next = feed === -1 ? text.length : feed + 1
    yield { start, end, next, number }
    start = next
  }
}

export function lineText(text: string, line: Line): string {
  return text.slice(line.start, line.end)
}

export function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** Returns a function that finds the line number (from 1) of an offset. */
export function lineFinder(text: string): (offset: number) => number {
  const starts = Array.from(linesOf(text, 0), ({ start }) => start)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return Math.max(1, low)
  }
}
