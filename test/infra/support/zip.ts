import { inflateRawSync } from 'node:zlib'

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50

/** The files in a zip, by name. Enough for what Lambda takes: no zip64, nothing encrypted. */
export function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const end = zip.lastIndexOf(u32(END))
  const files = new Map<string, Buffer>()
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== CENTRAL_HEADER) throw new Error('The directory of the zip is damaged.')
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)]
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ]
    files.set(
      zip.toString('utf8', at + 46, at + 46 + name),
      content(zip, zip.readUInt32LE(at + 42), method, packed),
    )
    at += 46 + name + extra + comment
  }
  return files
}

function content(zip: Buffer, at: number, method: number, packed: number): Buffer {
  if (zip.readUInt32LE(at) !== LOCAL_HEADER) throw new Error('A file of the zip is not where it should be.')
  const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28)
  const bytes = zip.subarray(start, start + packed)
  return method === 0 ? bytes : inflateRawSync(bytes)
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
