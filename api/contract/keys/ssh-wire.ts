/**
 * Reads the binary encoding of SSH keys and signatures (RFC 4251, section 5). Every method throws an `Error` past
 * the end.
 */
export interface WireReader {
  byte(): number
  uint32(): number
  /** A length of four bytes, then the content. */
  string(): Buffer
  bytes(length: number): Buffer
  /** Throws if bytes are left. */
  end(): void
}

export function createWireReader(source: Uint8Array): WireReader {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  let at = 0
  const bytes = (length: number) => {
    if (at + length > buffer.length) throw new Error('it is incomplete')
    at += length
    return buffer.subarray(at - length, at)
  }
  const uint32 = () => bytes(4).readUInt32BE()
  return {
    byte: () => bytes(1).readUInt8(),
    uint32,
    bytes,
    string: () => bytes(uint32()),
    end() {
      if (at < buffer.length) throw new Error('it has extra bytes at the end')
    },
  }
}

export function wireString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Pads a positive number to at least `length` bytes. Throws an `Error` if the number is negative. */
export function unsigned(mpint: Buffer, length = 0): Buffer {
  if (((mpint[0] ?? 0) & 0x80) !== 0) throw new Error('it has a negative number')
  const digits = mpint.subarray(mpint.findIndex((byte) => byte !== 0))
  const significant = mpint.some((byte) => byte !== 0) ? digits : Buffer.alloc(0)
  return Buffer.concat([Buffer.alloc(Math.max(0, length - significant.length)), significant])
}
