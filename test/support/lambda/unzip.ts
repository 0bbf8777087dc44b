import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32, inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const CENTRAL_HEADER = 0x02014b50

/** The files in a zip, by name. Throws if its directory, a size or a checksum is wrong. */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const buffer = Buffer.from(bytes)
  const end = buffer.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end === -1 || buffer.readUInt32LE(end) !== END) throw new Error('Could not unzip uploaded file.')
  const files = new Map<string, Buffer>()
  let at = buffer.readUInt32LE(end + 16)
  for (let count = buffer.readUInt16LE(end + 10); count > 0; count--) {
    if (buffer.readUInt32LE(at) !== CENTRAL_HEADER) throw new Error('The directory of the zip is broken.')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      buffer.readUInt16LE(at + offset),
    )
    const name = buffer.toString('utf8', at + 46, at + 46 + Number(nameLength))
    files.set(name, readEntry(buffer, at, name))
    at += 46 + Number(nameLength) + Number(extraLength) + Number(commentLength)
  }
  return files
}

function readEntry(buffer: Buffer, at: number, name: string): Buffer {
  const [method, crc, packed, size, local] = [
    buffer.readUInt16LE(at + 10),
    buffer.readUInt32LE(at + 16),
    buffer.readUInt32LE(at + 20),
    buffer.readUInt32LE(at + 24),
    buffer.readUInt32LE(at + 42),
  ]
  const start = local + 30 + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28)
  const data = buffer.subarray(start, start + packed)
  const bytes = method === 8 ? inflateRawSync(data) : data
  if (bytes.length !== size || crc32(bytes) !== crc) throw new Error(`"${name}" is broken in the zip.`)
  return bytes
}

/** Writes the files of a zip into `folder`. */
export async function unzip(bytes: Uint8Array, folder: string): Promise<void> {
  for (const [name, content] of readZip(bytes)) {
    if (name.endsWith('/')) continue
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}
