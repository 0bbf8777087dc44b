import { describe, expect, it } from 'vitest'
import { readTag } from '../../controller/releases/release-patterns.ts'
import { unverifiedReport } from '../../controller/releases/tag-reports.ts'
import type { Verification } from '../../controller/releases/unverified-tags.ts'
import {
  compareReleaseTags,
  coverageOf,
  judgeTags,
  type ReleaseTag,
  uncountedTags,
} from '../../controller/releases.ts'

const PATTERNS = ['v{version}', '{id}@{version}', '{id}/v{version}']
const A = 'a'.repeat(40)
const B = 'b'.repeat(40)

function judge({
  tags = {},
  ledger = {},
  reachable = [A, B],
  verification = null,
}: {
  tags?: Record<string, string>
  ledger?: Record<string, string>
  reachable?: string[]
  verification?: Verification | null
}) {
  const listing = { branch: 'main', tags: Object.entries(tags).map(([name, commit]) => ({ name, commit })) }
  const counted = new Map(Object.entries(ledger))
  const judged = judgeTags(listing, counted, PATTERNS, new Set(reachable), verification)
  return {
    releases: judged.releases.map(({ tag, commit, place }) => `${tag} ${commit[0]} ${place ?? 'new'}`),
    reports: judged.reports.map(({ kind, tag }) => `${kind} ${tag}`),
    messages: judged.reports.map(({ message }) => message),
  }
}

describe('a listed tag', () => {
  it('counts where it reads as a release and its commit is reachable', () => {
    expect(judge({ tags: { 'v1.0.0': A, 'v2.0.0': B, nightly: A } })).toMatchObject({
      releases: ['v1.0.0 a new', 'v2.0.0 b new'],
      reports: [],
    })
  })

  it('waits where its commit is not reachable', () => {
    const { releases, reports, messages } = judge({ tags: { 'v1.0.0': A }, reachable: [] })
    expect({ releases, reports }).toEqual({ releases: [], reports: ['unreachable v1.0.0'] })
    expect(messages[0]).toContain('"main"')
  })

  it.each([
    ['require', ['v0.1.0 b 0'], ['unreachable v3.0.0', 'unverified v1.0.0']],
    ['warn', ['v1.0.0 a new', 'v0.1.0 b 0'], ['unreachable v3.0.0', 'unverified v1.0.0']],
  ] as const)('that is not verified counts as "verify" says: %s', (mode, releases, reports) => {
    const tags = { 'v3.0.0': B, 'v1.0.0': A, 'v1.1.0': A, 'v0.1.0': B }
    const pending = new Set(['v1.1.0', 'v0.1.0'])
    const unverified = new Map(
      ['v3.0.0', 'v1.0.0'].map((tag) => [
        tag,
        unverifiedReport({ name: tag, commit: A }, 'it is not', false),
      ]),
    )
    const input = {
      tags,
      ledger: { 'v0.1.0': B },
      reachable: [A],
      verification: { mode, unverified, pending },
    }
    expect(judge(input)).toMatchObject({ releases, reports })
  })

  it('that counted once counts for ever, reachable or not', () => {
    expect(
      judge({ tags: { 'v1.0.0': A }, ledger: { 'v0.1.0': B, 'v1.0.0': A }, reachable: [] }),
    ).toMatchObject({
      releases: ['v1.0.0 a 1', 'v0.1.0 b 0'],
      reports: ['deleted v0.1.0'],
    })
  })

  it('that moved stays at its first commit', () => {
    const { releases, reports, messages } = judge({ tags: { 'v1.0.0': B }, ledger: { 'v1.0.0': A } })
    expect({ releases, reports }).toEqual({ releases: ['v1.0.0 a 0'], reports: ['moved v1.0.0'] })
    expect(messages[0]).toContain(`from ${A.slice(0, 12)} to ${B.slice(0, 12)}`)
  })

  it('that is no semantic version is reported, and moves nobody', () => {
    expect(judge({ tags: { 'v0.9.04': A } })).toMatchObject({
      releases: [],
      reports: ['not_semantic v0.9.04'],
    })
  })

  it('that no pattern reads any more is no release; its moves and its end are still told', () => {
    expect(judge({ tags: { 'old-1': B }, ledger: { 'old-1': A, 'old-2': A } })).toMatchObject({
      releases: [],
      reports: ['moved old-1', 'deleted old-2'],
    })
  })

  it('asks for reachability only while it is new and a release', () => {
    const listing = { tags: ['v1.0.0', 'v2.0.0', 'nightly', 'v1'].map((name) => ({ name, commit: A })) }
    const asked = uncountedTags(listing, new Map([['v1.0.0', A]]), PATTERNS)
    expect(asked.map(({ name }) => name)).toEqual(['v2.0.0'])
  })
})

describe('what a tag covers', () => {
  const coverage = (tag: string, ids: string[], idPrefix = '', patterns = PATTERNS) =>
    coverageOf(readTag(tag, patterns).readings, new Set(ids), idPrefix)

  it('is the whole tree where its pattern names no prompt', () => {
    expect(coverage('v1.0.0', [])).toEqual({ release: '1.0.0', prerelease: false, id: null })
    expect(coverage('v1.0.0-rc.1', [])).toEqual({ release: '1.0.0-rc.1', prerelease: true, id: null })
  })

  it.each(['b@1.0.0', 'a/b@1.0.0', 'b/v1.0.0', 'a/b/v1.0.0'])(
    'is the prompt that %s names, with or without the prefix',
    (tag) => {
      expect(coverage(tag, ['a/b', 'a/c'], 'a/')).toMatchObject({ id: 'a/b' })
    },
  )

  it('is the whole id before the one that lacks its prefix', () => {
    expect(coverage('a/b@1.0.0', ['a/a/b', 'a/b'], 'a/')).toMatchObject({ id: 'a/b' })
    expect(coverage('a/b@1.0.0', ['a/a/b'], 'a/')).toMatchObject({ id: 'a/a/b' })
  })

  it('is a prompt of the tree in its very case', () => {
    expect(coverage('B@1.0.0', ['b'])).toBeUndefined()
    expect(coverage('A/b@1.0.0', ['a/b', 'a/A/b'], 'a/')).toMatchObject({ id: 'a/A/b' })
  })

  it('is nothing where no reading names a prompt of the tree', () => {
    expect(coverage('b@1.0.0', ['c'])).toBeUndefined()
    expect(coverage('b@1.0.0', ['b/c'], 'b/')).toBeUndefined()
  })

  it('is the longest id that the tree has, and the first pattern that fits', () => {
    const patterns = ['{version}-{id}', '{version}']
    expect(coverage('1.0.0-rc-a', ['rc-a', 'a'], '', patterns)).toMatchObject({
      id: 'rc-a',
      release: '1.0.0',
    })
    expect(coverage('1.0.0-rc-a', ['a'], '', patterns)).toMatchObject({ id: 'a', release: '1.0.0-rc' })
    expect(coverage('1.0.0-rc-a', ['b'], '', patterns)).toMatchObject({ id: null, release: '1.0.0-rc-a' })
  })
})

describe('the order of release tags', () => {
  const tag = (name: string, release: string, place: number | null, id: string | null = null) =>
    ({
      tag: name,
      commit: A,
      readings: [],
      place,
      listed: true,
      coverage: { release, prerelease: false, id },
    }) satisfies ReleaseTag & {
      coverage: object
    }
  const sorted = (...tags: ReturnType<typeof tag>[]) => tags.sort(compareReleaseTags).map((one) => one.tag)

  it('is the newest first', () => {
    expect(sorted(tag('a', '1.9.0', 0), tag('b', '1.10.0', null), tag('c', '1.10.0-rc.1', 1))).toEqual([
      'b',
      'c',
      'a',
    ])
  })

  it('has of one release the tag that counted first, then the one that names its prompt, then names', () => {
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
})
