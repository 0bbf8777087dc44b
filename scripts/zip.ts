import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50
const VERSION = 20
const MADE_ON_UNIX = (3 << 8) | VERSION
const UTF8_NAMES = 1 << 11
const DEFLATED = 8
/** 1980-01-01, the earliest date of the format, so that the build time does not change the zip. */
const DATE = (1 << 5) | 1
/** A plain file that everyone may read, as Lambda requires. */
const MODE = 0o100644 * 0x10000

/**
 * A zip file of these entries. Reproducible: the same entries produce the same bytes. Without zip64, so at most 4
 * GB.
 */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 })
    const encoded = Buffer.from(name, 'utf8')
    const common = commonFields(crc32(bytes), packed.length, bytes.length, encoded.length)
    const local = Buffer.concat([u32(LOCAL_HEADER), u16(VERSION), common, u16(0), encoded, packed])
    // No comment, disk number or internal attributes.
    const rest = [u16(0), u16(0), u16(0), u16(0), u32(MODE), u32(offset)]
    directory.push(
      Buffer.concat([u32(CENTRAL_HEADER), u16(MADE_ON_UNIX), u16(VERSION), common, ...rest, encoded]),
    )
    locals.push(local)
    offset += local.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const count = u16(entries.length)
  const end = [u32(END), u16(0), u16(0), count, count, u32(size), u32(offset), u16(0)]
  return Buffer.concat([...locals, ...directory, ...end])
}

function commonFields(crc: number, packed: number, size: number, nameLength: number): Buffer {
  const when = [u16(0), u16(DATE)]
  return Buffer.concat([
    u16(UTF8_NAMES),
    u16(DEFLATED),
    ...when,
    u32(crc),
    u32(packed),
    u32(size),
    u16(nameLength),
  ])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
