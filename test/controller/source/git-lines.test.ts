import { expect, test } from 'vitest'
import { createLineReader } from '../../../controller/source/git/lines.ts'
import fc from '../../support/fast-check.ts'

/** The lines of a text that comes in chunks of these lengths. */
function linesOf(text: string, lengths: readonly number[], options = {}): string[] {
  const lines: string[] = []
  const read = createLineReader((line) => void lines.push(line), options)
  const bytes = Buffer.from(text)
  let at = 0
  for (const length of lengths) {
    read(bytes.subarray(at, at + length))
    at += length
  }
  read(bytes.subarray(at))
  return lines
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', '\n', '\0'), maxLength: 60 })
const lengths = fc.array(fc.nat(7), { maxLength: 40 })

test('lines are the same however they are cut into chunks, and the last one needs its end', () => {
  fc.assert(
    fc.property(text, lengths, fc.constantFrom('\n', '\0'), (one, cuts, separator) => {
      expect(linesOf(one, cuts, { separator })).toEqual(one.split(separator).slice(0, -1))
    }),
  )
})

test('a line that grows too long is cut, and the next one is whole', () => {
  fc.assert(
    fc.property(text, lengths, fc.integer({ min: 1, max: 5 }), (one, cuts, mostLength) => {
      const cut = one.split('\n').map((line) => line.slice(0, mostLength))
      expect(linesOf(one, cuts, { mostLength })).toEqual(cut.slice(0, -1))
    }),
  )
})
