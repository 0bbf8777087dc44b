import { LIMITS } from '../limits.ts'
import type { FileProblem } from './problem.ts'

const LFS_POINTER = 'version https://git-lfs.github.com/spec/'
const LINE_FEED = 0x0a
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a prompt file, including its byte order mark, or why the file cannot become a version. */
export function decodeFile(bytes: Uint8Array, mostBytes: number = LIMITS.fileBytes): string | FileProblem {
  if (bytes.length > mostBytes) {
    const message = `The file has ${bytes.length} bytes; at most ${mostBytes} are allowed. Split it.`
    return { code: 'file_too_large', message }
  }
  if (isUtf16(bytes)) return { code: 'not_utf8', message: 'The file is UTF-16. Save it as UTF-8.' }
  const nul = bytes.indexOf(0)
  if (nul !== -1) {
    const message = 'The file has a NUL character; it looks like a binary file. Commit the prompt as text.'
    return { code: 'nul_character', line: lineAt(bytes, nul), message }
  }
  const text = decode(bytes)
  if (text === undefined) {
    const message = 'The line has bytes that are not UTF-8. Save the file as UTF-8.'
    return { code: 'not_utf8', line: firstBadLine(bytes), message }
  }
  if (text.startsWith(LFS_POINTER)) {
    const message = 'The file is a Git LFS pointer. Commit the text itself, without LFS.'
    return { code: 'lfs_pointer', message }
  }
  return text
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes)
  } catch {
    return undefined
  }
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** In UTF-8 no other character contains the byte of a line feed, so each line can be decoded alone. */
function firstBadLine(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed + 1
    if (decode(bytes.subarray(start, end)) === undefined) return line
    start = end
  }
  return line
}

function lineAt(bytes: Uint8Array, offset: number): number {
  return bytes.subarray(0, offset).filter((byte) => byte === LINE_FEED).length + 1
}
