import { applyPatch } from 'diff'
import { expect, test } from 'vitest'
import { textDiff } from '../../../controller/values/text-diff.ts'
import fc from '../../support/fast-check.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', '', '-', '+ c', '@@', 'é', '```'), { maxLength: 12 })
  .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`))

test('a diff turns the old text into the new one', () => {
  fc.assert(
    fc.property(fc.option(text), fc.option(text), (before, after) => {
      const diff = textDiff(before, after) ?? ''
      expect(applyPatch(before ?? '', `--- a\n+++ b\n${diff}`)).toBe(after ?? '')
    }),
  )
})

test('two equal texts have no hunks', () => {
  expect([textDiff('a\n', 'a\n'), textDiff('', ''), textDiff(null, null)]).toEqual(['', '', ''])
})

test('two long texts without anything in common get no diff', () => {
  const long = (word: string) => Array.from({ length: 5000 }, (_, line) => `${word} ${line}\n`).join('')
  expect(textDiff(long('a'), long('b'))).toBeNull()
  expect(textDiff(null, long('b'))).toContain('+b 4999\n')
})
