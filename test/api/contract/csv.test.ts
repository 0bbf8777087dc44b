import { expect, test } from 'vitest'
import { csvLine } from '../../../api/contract/csv.ts'

test.each(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])(
  'a spreadsheet does not run a cell that starts with %j',
  (first) => {
    expect(csvLine([`${first}cmd()`]).replaceAll('"', '')).toBe(`'${first}cmd()\r\n`)
  },
)

test('quotes, commas and line breaks are quoted, and an empty cell is empty', () => {
  expect(csvLine(['a "b"', 'c,d', 'e\nf', null, 1, ''])).toBe('"a ""b""","c,d","e\nf",,1,\r\n')
})
