/** What to read of an object: type and size, or its content too. The words of `cat-file --batch-command`. */
export type ObjectQuery = 'info' | 'contents'

/**
 * Splits the output of `cat-file` into answers, independent of chunk boundaries. A missing object is `undefined`.
 * Content is copied into its own buffer, so that it is in memory once and keeps no chunk alive. `nextQuery` returns
 * the query of the next answer.
 */
export function batchParser(
  nextQuery: () => ObjectQuery | undefined,
  emit: (answer: ObjectAnswer | undefined) => void,
): (chunk: Buffer) => void {
  let line = ''
  let open: { readonly type: string; readonly bytes: Buffer; filled: number } | undefined

  const readHeader = (header: string) => {
    const [, type = '', digits] = header.split(' ')
    const size = Number(digits)
    if (digits === undefined) emit(undefined)
    else if (nextQuery() === 'contents') open = { type, bytes: Buffer.allocUnsafeSlow(size), filled: 0 }
    else emit({ type, size, bytes: NOTHING })
  }

  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (open === undefined) {
        const end = chunk.indexOf(10, at)
        line += chunk.toString('latin1', at, end < 0 ? undefined : end)
        if (end < 0) return
        at = end + 1
        readHeader(line)
        line = ''
        continue
      }
      const { type, bytes } = open
      if (open.filled < bytes.length) {
        const copied = chunk.copy(bytes, open.filled, at)
        open.filled += copied
        at += copied
        if (open.filled < bytes.length || at === chunk.length) return
      }
      // A line break follows the content.
      at++
      open = undefined
      emit({ type, size: bytes.length, bytes })
    }
  }
}

const NOTHING = Buffer.alloc(0)

export interface ObjectInfo {
  readonly type: string
  /** In bytes. */
  readonly size: number
}

export interface ObjectAnswer extends ObjectInfo {
  /** Empty if only the size was requested. */
  readonly bytes: Buffer
}
