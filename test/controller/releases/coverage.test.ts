import { describe, expect, it } from 'vitest'
import type { CandidateTag } from '../../../controller/releases/classify-tags.ts'
import { type CountedTag, compareReleaseTags, coverageOf } from '../../../controller/releases/coverage.ts'
import { readTag } from '../../../controller/values/release-patterns.ts'
import fc from '../../support/fast-check.ts'

const PATTERNS = ['v{version}', '{id}@{version}', '{id}/v{version}']

describe('what a tag covers', () => {
  const coverage = (tag: string, ids: string[], idPrefix = '', patterns = PATTERNS) =>
    coverageOf(readTag(tag, patterns).readings, new Set(ids), idPrefix)

  it('is the whole tree if its pattern names no prompt, even if the tree is empty', () => {
    expect(coverage('v1.0.0', [])).toEqual({ release: '1.0.0', prerelease: false, id: null })
    expect(coverage('v1.0.0-rc.1', ['a'])).toEqual({ release: '1.0.0-rc.1', prerelease: true, id: null })
  })

  it.each(['b@1.0.0', 'a/b@1.0.0', 'b/v1.0.0', 'a/b/v1.0.0'])(
    'is the prompt that %s names, with or without the prefix',
    (tag) => {
      expect(coverage(tag, ['a/b', 'a/c'], 'a/')).toEqual({ release: '1.0.0', prerelease: false, id: 'a/b' })
    },
  )

  it('is the full id rather than one without the prefix', () => {
    expect(coverage('a/b@1.0.0', ['a/a/b', 'a/b'], 'a/')).toMatchObject({ id: 'a/b' })
    expect(coverage('a/b@1.0.0', ['a/a/b'], 'a/')).toMatchObject({ id: 'a/a/b' })
  })

  it('is a prompt of the tree, case-sensitive', () => {
    expect(coverage('B@1.0.0', ['b'])).toBeUndefined()
    expect(coverage('A/b@1.0.0', ['a/b', 'a/A/b'], 'a/')).toMatchObject({ id: 'a/A/b' })
  })

  it('is nothing if no reading names a prompt of the tree', () => {
    expect(coverage('b@1.0.0', ['c'])).toBeUndefined()
    expect(coverage('b@1.0.0', ['b/c'], 'b/')).toBeUndefined()
    expect(coverage('nightly', ['nightly'])).toBeUndefined()
  })

  it('is the longest id in the tree, and the first pattern that fits', () => {
    const patterns = ['{version}-{id}', '{version}']
    expect(coverage('1.0.0-rc-a', ['rc-a', 'a'], '', patterns)).toMatchObject({
      id: 'rc-a',
      release: '1.0.0',
    })
    expect(coverage('1.0.0-rc-a', ['a'], '', patterns)).toMatchObject({ id: 'a', release: '1.0.0-rc' })
    expect(coverage('1.0.0-rc-a', ['b'], '', patterns)).toMatchObject({ id: null, release: '1.0.0-rc-a' })
  })
})

const tag = (name: string, release: string, place: number | null, id: string | null = null): CountedTag => ({
  tag: name,
  commit: 'a'.repeat(40),
  object: null,
  readings: [],
  place,
  listed: true,
  coverage: { release, prerelease: false, id },
})

describe('the order of release tags', () => {
  const sorted = (...tags: CountedTag[]) => tags.sort(compareReleaseTags).map((one) => one.tag)

  it('is newest first', () => {
    expect(sorted(tag('a', '1.9.0', 0), tag('b', '1.10.0', null), tag('c', '1.10.0-rc.1', 1))).toEqual([
      'b',
      'c',
      'a',
    ])
  })

  it('puts equal releases in the order in which they counted, then those for one prompt, then by name', () => {
    expect(
      sorted(
        tag('new', '1.0.0', null),
        tag('also', '1.0.0', null),
        tag('named', '1.0.0', null, 'x'),
        tag('second', '1.0.0', 5, 'x'),
        tag('first', '1.0.0', 2),
      ),
    ).toEqual(['first', 'second', 'named', 'also', 'new'])
  })

  it('ignores build metadata', () => {
    expect(sorted(tag('b', '1.0.0+9', 1), tag('a', '1.0.0+1', 0), tag('c', '1.0.0', null))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('is a total order', () => {
    const release = fc.constantFrom('1.0.0', '1.0.0+b', '1.0.0-rc.1', '1.2.0', '0.9.0')
    const tags = fc.uniqueArray(
      fc.record({ name: fc.string({ minLength: 1 }), release, id: fc.constantFrom(null, 'x') }),
      { selector: ({ name }) => name, maxLength: 12 },
    )
    fc.assert(
      fc.property(tags, fc.nat(), fc.func(fc.boolean()), (made, seed, isKnown) => {
        const all = made.map((one, place): CandidateTag & CountedTag =>
          tag(one.name, one.release, isKnown(one.name) ? place : null, one.id),
        )
        const inOrder = sorted(...all)
        const turned = all.length === 0 ? [] : all.map((_, at) => all[(at + seed) % all.length])
        expect(sorted(...turned.flatMap((one) => one ?? []))).toEqual(inOrder)
        expect(sorted(...[...all].reverse())).toEqual(inOrder)
      }),
    )
  })
})
