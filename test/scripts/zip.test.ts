import { expect, test } from 'vitest'
import { zip } from '../../scripts/zip.ts'
import { readZip } from '../support/lambda/unzip.ts'

const ENTRIES = [
  { name: 'index.mjs', bytes: Buffer.from('export const handler = 1\n'.repeat(1000)) },
  { name: 'empty', bytes: Buffer.alloc(0) },
  { name: 'ü/random', bytes: Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 251)) },
]

test('what went in comes out, with names and checksums', () => {
  const files = readZip(zip(ENTRIES))
  expect([...files]).toEqual(ENTRIES.map(({ name, bytes }) => [name, bytes]))
})

test('the same entries give the same bytes', () => {
  expect(Buffer.from(zip(ENTRIES)).equals(Buffer.from(zip(ENTRIES)))).toBe(true)
})

test('is one that other programs read: signature, Unix mode, time', () => {
  const bytes = Buffer.from(zip(ENTRIES.slice(0, 1)))
  expect(bytes.subarray(0, 4)).toEqual(Buffer.from('PK\x03\x04'))
  const central = bytes.indexOf('PK\x01\x02')
  expect(bytes.readUInt8(central + 5)).toBe(3)
  expect((bytes.readUInt32LE(central + 38) >>> 16).toString(8)).toBe('100644')
  expect(bytes.readUInt16LE(central + 14)).toBe(0x21)
})

test('nothing in it is an empty zip', () => {
  expect(readZip(zip([])).size).toBe(0)
})
