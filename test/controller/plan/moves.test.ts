import { describe, expect, it } from 'vitest'
import { declaredMoves, movesBetween } from '../../../controller/plan/moves.ts'
import type { TreePromptFile } from '../../../controller/prompts/tree.ts'

/** A tree with these texts by prompt id. `null`: a file that cannot become a version. */
function tree(texts: Readonly<Record<string, string | TreePromptFile['sidecars'] | null>>) {
  const ids = Object.keys(texts).map((id) => [`prompts/${id}.txt`, id] as const)
  const files = ids.flatMap(([path, id]): TreePromptFile[] => {
    const text = texts[id] ?? null
    if (text === null) return []
    return [typeof text === 'string' ? { id, path, blob: text } : { id, path, blob: 'x', sidecars: text }]
  })
  return { files, ids: new Map(ids) }
}

function moves(before: Parameters<typeof tree>[0], after: Parameters<typeof tree>[0]) {
  return Object.fromEntries(movesBetween(tree(before), tree(after)))
}

describe('a prompt moved', () => {
  it('if its text is that of a new prompt', () => {
    expect(moves({ a: '1', b: '2', c: '3' }, { d: '1', b: '2', 'x/c': '3' })).toEqual({ a: 'd', c: 'x/c' })
    expect(moves({ a: '1' }, { b: '1', c: '2' })).toEqual({ a: 'b' })
    const sidecars = [{ name: 'config.json', blob: 's' }]
    expect(moves({ a: sidecars }, { b: sidecars })).toEqual({ a: 'b' })
  })

  it.each([
    ['its text is changed', { a: '1' }, { b: '2' }],
    ['it is still there', { a: '1' }, { a: '1', b: '1' }],
    ['it is still there and cannot become a version', { a: '1' }, { a: null, b: '1' }],
    ['the other prompt was there before', { a: '1', b: '1' }, { b: '1' }],
    ['the other file was there before and could not become a version', { a: '1', b: null }, { b: '1' }],
    ['two prompts change places', { a: '1', b: '2' }, { a: '2', b: '1' }],
    ['two new prompts have its text', { a: '1' }, { b: '1', c: '1' }],
    ['two prompts with its text are gone', { a: '1', b: '1' }, { c: '1' }],
    ['two with its text are gone and two are new', { a: '1', b: '1' }, { c: '1', d: '1' }],
    ['its sidecar is changed', { a: [{ name: 's', blob: '1' }] }, { b: [{ name: 's', blob: '2' }] }],
    ['it leaves its sidecar behind', { a: [{ name: 's', blob: '1' }] }, { b: 'x' }],
  ])('but not if %s', (_, before, after) => {
    expect(moves(before, after)).toEqual({})
  })
})

describe('a declared move', () => {
  const declared = (from: string, to: string, gone: string[], branchIds: string[], idPrefix = '') =>
    Object.fromEntries(declaredMoves([{ from, to }], { idPrefix, branchIds: new Set(branchIds) }, gone))

  it('counts for a prompt that is gone', () => {
    expect(declared('a', 'b', ['a', 'c'], ['b'])).toEqual({ a: 'b' })
    expect(declared('a', 'b', ['c'], ['a', 'b'])).toEqual({})
  })

  it('may name ids with the prefix of the source or without it', () => {
    for (const from of ['a', 'team/a'])
      for (const to of ['b', 'team/b'])
        expect(declared(from, to, ['team/a'], ['team/b'], 'team/')).toEqual({ 'team/a': 'team/b' })
  })

  it('may name a prompt of another source', () => {
    expect(declared('a', 'other/b', ['team/a'], [], 'team/')).toEqual({ 'team/a': 'other/b' })
  })

  it('compares ids as the registry does', () => {
    expect(declared('A', 'B', ['a'], ['b'])).toEqual({ a: 'b' })
  })
})
