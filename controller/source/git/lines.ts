import { StringDecoder } from 'node:string_decoder'

export interface LineReaderOptions {
  /** One character. */
  readonly separator?: string
  readonly encoding?: 'utf8' | 'latin1'
  /** Longer lines are truncated. */
  readonly mostLength?: number
}

/**
 * Cuts a stream into lines, whatever the chunks are. Keeps an unfinished line until its end comes, in pieces: joined
 * again at each chunk, a line without an end would cost more with every one.
 */
export function createLineReader(
  onLine: (line: string) => void,
  { separator = '\n', encoding = 'utf8', mostLength = 1024 * 1024 }: LineReaderOptions = {},
): (chunk: Buffer) => void {
  const decoder = new StringDecoder(encoding)
  let pieces: string[] = []
  let room = mostLength
  const keep = (piece: string) => {
    if (room === 0) return
    const kept = piece.slice(0, room)
    pieces.push(kept)
    room -= kept.length
  }
  return (chunk) => {
    const ended = decoder.write(chunk).split(separator)
    const rest = ended.pop() ?? ''
    for (const piece of ended) {
      keep(piece)
      onLine(pieces.join(''))
      pieces = []
      room = mostLength
    }
    keep(rest)
  }
}
