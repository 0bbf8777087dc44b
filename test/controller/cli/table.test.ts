import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliRuntime } from '../../../controller/cli/cli-runtime.ts'
import { printTable } from '../../../controller/cli/table.ts'

function print(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  let out = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk)
      done()
    },
  })
  printTable({ stdout } as unknown as CliRuntime, headings, rows)
  expect(out.endsWith('\n')).toBe(true)
  return out.slice(0, -1).split('\n')
}

test('columns are as wide as their widest cell, however far down it is', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => [
    `p${index}`,
    index === 950 ? 'wide cell' : 'x',
    'end',
  ])
  const lines = print(['id', 'b', 'c'], rows)
  expect(lines).toHaveLength(1001)
  expect(lines[0]).toBe('ID    B          C')
  expect(lines[1]).toBe('p0    x          end')
  expect(lines[951]).toBe('p950  wide cell  end')
  expect(lines[1000]).toBe('p999  x          end')
})

test('characters of double width take two columns, and nothing is left at the end of a line', () => {
  const rows = [
    ['提示', 'x'],
    ['🗂️a', ''],
    ['abcd', 'y'],
  ]
  expect(print(['a', 'b'], rows)).toEqual(['A     B', '提示  x', '🗂️a', 'abcd  y'])
})

test('a cell never breaks its row or moves the cursor', () => {
  const rows = [['a\nb\r\tc', 'd\u001b[2J\u009be\u202e']]
  expect(print(['one', 'two'], rows)).toEqual(['ONE    TWO', 'a b c  d⟨U+001B⟩[2J⟨U+009B⟩e⟨U+202E⟩'])
})
