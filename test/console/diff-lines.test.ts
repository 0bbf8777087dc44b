import { expect, test, vi } from 'vitest'
import { type DiffLine, diffLines } from '../../console/diff/diff-lines.ts'

const textOf = ({ parts }: DiffLine) => parts.map(({ text }) => text).join('')
const allLines = (before: string, after: string) =>
  diffLines(before, after).hunks.flatMap(({ lines }) => lines)

test('numbers the lines of both sides, and marks the changed words of a pair', () => {
  const lines = allLines('a\nthe old line\nc\n', 'a\nthe new line\nc\nd\n')
  expect(lines.map((line) => [line.kind, line.before, line.after, textOf(line)])).toEqual([
    ['same', 1, 1, 'a'],
    ['removed', 2, null, 'the old line'],
    ['added', null, 2, 'the new line'],
    ['same', 3, 3, 'c'],
    ['added', null, 4, 'd'],
  ])
  const changed = lines.flatMap(({ parts }) => parts.filter((part) => part.changed).map(({ text }) => text))
  expect(changed).toEqual(['old', 'new'])
})

test('marks no words in lines that have none in common', () => {
  const lines = allLines('alpha\n', 'beta\n')
  expect(lines.flatMap(({ parts }) => parts.filter((part) => part.changed))).toEqual([])
})

test('a pause of the process changes no diff, except of large texts', () => {
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 1000))
  expect(diffLines('a\nb\n', 'a\nc\n')).toMatchObject({ isCompared: true, added: 1 })
  const large = 'a\n'.repeat(60_000)
  expect(diffLines(`${large}b\n`, `${large}c\n`).isCompared).toBe(false)
})

test('equal texts have no hunk', () => {
  expect(diffLines('a\n', 'a\n')).toMatchObject({ hunks: [], added: 0, removed: 0 })
})

test('texts that differ throughout are replaced, and counted in full', () => {
  const numbered = (prefix: string) =>
    Array.from({ length: 9000 }, (_, index) => `${prefix}${index}\n`).join('')
  const diff = diffLines(numbered('a'), numbered('b'))
  expect(diff).toMatchObject({ added: 9000, removed: 9000, isCompared: false, omitted: 13_000 })
})
