import { expect, test } from 'vitest'
import { shellWord } from '../../../controller/values/shell-word.ts'

test.each([
  ['support/triage@1.3.0', 'support/triage@1.3.0'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['R&D', "'R&D'"],
  ['[wip]', "'[wip]'"],
  ['=a', "'=a'"],
  ['', "''"],
])('a shell reads %j from %j', (word, quoted) => {
  expect(shellWord(word)).toBe(quoted)
})
