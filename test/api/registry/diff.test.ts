import { applyPatch } from 'diff'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/index.ts'
import { unifiedDiff } from '../../../api/registry/diff.ts'
import type { VersionRecord } from '../../../api/store/records.ts'
import { makeRegistry, outcome, pushText, release } from '../../support/registry.ts'

const side = (name: string, content: string, fields: Partial<VersionRecord> = {}) => ({
  name,
  content,
  version: { variables: null, config: null, contentSha256: sha256(content), ...fields } as VersionRecord,
})
const diff = (before: string, after: string) => unifiedDiff('p', side('a', before), side('b', after))

describe('a diff', () => {
  test('goes from stable to latest by default', async () => {
    const { admin } = makeRegistry()
    const stable = await release(admin, 'p', '1.0.0', 'one\ntwo\n')
    const latest = await pushText(admin, 'p', 'one\nthree\n', 'git')
    expect(await admin.diff('p')).toEqual({
      prompt_id: 'p',
      v1: stable,
      v2: latest,
      diff: `--- p@${stable}\n+++ p@${latest}\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n`,
      files: null,
    })
  })

  test('names the changed sidecars and files of a skill folder', async () => {
    const { admin } = makeRegistry()
    const push = (version: string, config: string, ...texts: string[]) =>
      admin.push({
        ...{ prompt_id: 'p', content: 'text', front_matter: '', version },
        sidecars: { main: 'SKILL.md', texts: { 'config.json': config } },
        files: texts.map((text) => ({ path: text, bytes: text.length, sha256: sha256(text), text })),
      })
    await push('one', '{"a": 1}', 'kept', 'old')
    await push('two', '{"a": 2}', 'kept', 'new')
    expect((await admin.diff('p', { v1: 'one', v2: 'two' })).files).toEqual({
      added: ['new'],
      changed: ['config.json'],
      removed: ['old'],
    })
  })

  test('takes labels, aliases, stable and latest, in any order', async () => {
    const { admin } = makeRegistry()
    const one = await release(admin, 'p', '1.0.0', 'one')
    const two = await release(admin, 'p', '2.0.0', 'two')
    expect(await admin.diff('p', { v1: 'latest', v2: 'v1' })).toMatchObject({ v1: two, v2: one })
    expect(await admin.diff('p', { v1: one, v2: 'stable' })).toMatchObject({ v1: one, v2: two })
    expect((await admin.diff('p', { v1: 'stable', v2: 'latest' })).diff).toBe('')
  })

  test.each([
    [{ v1: 'stable' }, 'invalid_request'],
    [{ v2: 'stable' }, 'invalid_request'],
    [{ v1: 'stable', v2: 'absent' }, 'not_found'],
    [{ v1: 'a b', v2: 'stable' }, 'invalid_version'],
    [{ v1: 'revoked', v2: 'stable' }, 'revoked'],
  ])('of %j is refused: %s', async (query, code) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'revoked' })
    await admin.revoke('p', { version: 'revoked' })
    await release(admin, 'p', '1.0.0', 'one')
    expect(await outcome(admin.diff('p', query))).toBe(code)
  })

  test('of a prompt without a stable version, or that is not there, is refused', async () => {
    const { admin } = makeRegistry()
    await pushText(admin, 'p', 'draft')
    expect(await outcome(admin.diff('p'))).toBe('not_found')
    expect(await outcome(admin.diff('q'))).toBe('not_found')
  })

  test.each([
    ['a\nb\nc\n', 'a\nB\nc\n'],
    ['a\nb', 'a\nb\n'],
    ['a\r\nb\r\n', 'a\nb\n'],
    ['\uFEFFa\n', 'a\n'],
    ['a', 'b'],
    ['- a\n+ b\n', '+ a\n-- b\n'],
    ['one\n\n\n', '\n\none\n'],
  ])('of %j and %j can be applied as a patch', (before, after) => {
    expect(applyPatch(before, diff(before, after), { autoConvertLineEndings: false })).toBe(after)
  })

  test('tells of variables and config, also where the texts are equal', () => {
    const before = side('a', 'same', { config: { model: 'x' } })
    const after = side('b', 'same', { config: { model: 'y' }, variables: ['who'] })
    const text = unifiedDiff('p', before, after)
    expect(text).toContain('-    "model": "x"')
    expect(text).toContain('+    "model": "y"')
    expect(text).toContain('p@b (settings)')
  })

  test('is empty where the versions are equal', () => {
    expect(unifiedDiff('p', side('a', 'x', { config: { a: 1 } }), side('b', 'x', { config: { a: 1 } }))).toBe(
      '',
    )
  })

  test.each(['\n', ''])('of very different texts falls back to one whole replacement (end %j)', (end) => {
    const lines = (word: string) => Array.from({ length: 8000 }, (_, index) => `${word} ${index * 7919}`)
    const [before, after] = [lines('old').join('\n') + end, lines('new').join('\n') + end]
    const text = diff(before, after)
    expect(text.match(/^@@/gm)).toHaveLength(1)
    expect(text).toContain('@@ -1,8000 +1,8000 @@')
    expect(applyPatch(before, text)).toBe(after)
  })

  test('of a long text with few changes stays small', () => {
    const lines = Array.from({ length: 8000 }, (_, index) => `line ${index}`)
    const before = lines.join('\n')
    lines[4000] = 'changed'
    expect(diff(before, lines.join('\n')).split('\n').length).toBeLessThan(20)
  })
})
