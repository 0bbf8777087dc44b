import { expect, test } from 'vitest'
import { compareFiles, fileDigests, filesSentence } from '../../../api/contract/file-changes.ts'

const files = (digests: Readonly<Record<string, string>>) =>
  Object.entries(digests).map(([path, sha256]) => ({ path, sha256 }))

test('the sidecars and files of two versions are compared by path', () => {
  const before = fileDigests({ main: 'SKILL.md', texts: { 'config.json': '{}' } }, files({ a: '1', b: '2' }))
  const after = fileDigests({ main: 'SKILL.md', texts: { 'config.json': '{ }' } }, files({ b: '3', c: '4' }))
  const changes = compareFiles(before, after)
  expect(changes).toEqual({ added: ['c'], changed: ['b', 'config.json'], removed: ['a'] })
  expect(changes && filesSentence(changes)).toBe('Files: +1 ~2 -1 (+c, ~b, ~config.json, -a)')
  expect(compareFiles(before, before)).toBeNull()
  expect(compareFiles(fileDigests(null, null), fileDigests(undefined, undefined))).toBeNull()
})

test('a sentence names at most ten files', () => {
  const added = Array.from({ length: 12 }, (_, index) => `f${index}`)
  expect(filesSentence({ added, changed: [], removed: [] })).toMatch(
    /^Files: \+12 ~0 -0 \(\+f0, .* and 2 more\)$/,
  )
})
