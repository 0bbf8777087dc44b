import { describe, expect, it } from 'vitest'
import {
  type ClassifyInput,
  classifyTags,
  uncountedTags,
} from '../../../controller/releases/classify-tags.ts'
import type { TagVerification } from '../../../controller/releases/verify-tags.ts'
import type { TagRef } from '../../../controller/source/git-source.ts'
import fc from '../../support/fast-check.ts'

const PATTERNS = ['v{version}', '{id}@{version}', '{id}/v{version}']
const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const OBJECT = 'f'.repeat(40)

interface Case extends Partial<Omit<ClassifyInput, 'listing' | 'ledger' | 'reachable'>> {
  /** The commit of each tag, or the tag itself. */
  readonly tags?: Readonly<Record<string, string | Omit<TagRef, 'name'>>>
  readonly ledger?: Readonly<Record<string, string>>
  readonly reachable?: readonly string[]
}

function classify({ tags = {}, ledger = {}, reachable = [A, B], ...input }: Case) {
  const listed = Object.entries(tags).map(([name, ref]) => ({
    name,
    ...(typeof ref === 'string' ? { commit: ref } : ref),
  }))
  return classifyTags({
    patterns: PATTERNS,
    prereleases: false,
    branches: 'branch main',
    verification: null,
    ...input,
    listing: { branch: 'main', tags: listed },
    ledger: new Map(Object.entries(ledger)),
    reachable: new Set(reachable),
  })
}

function classified(input: Case) {
  const { releases, findings } = classify(input)
  return {
    releases: releases.map(({ tag, commit, place }) => `${tag} ${commit[0]} ${place ?? 'new'}`),
    findings: findings.map(({ code, subject }) => `${code} ${subject.name}`.trim()),
  }
}

const messagesOf = (input: Case) => classify(input).findings.map(({ message }) => message)

/** `unverified`: the problem of each tag. */
const verification = (
  mode: TagVerification['mode'],
  unverified: Readonly<Record<string, string>>,
  pending: readonly string[] = [],
): TagVerification => ({
  mode,
  unverified: new Map(Object.entries(unverified)),
  signers: new Map(),
  pending: new Set(pending),
})

describe('a listed tag', () => {
  it('counts if it reads as a release and its commit is reachable', () => {
    expect(classified({ tags: { 'v1.0.0': A, 'v2.0.0': B, 'a@1.0.0': A } })).toEqual({
      releases: ['v1.0.0 a new', 'v2.0.0 b new', 'a@1.0.0 a new'],
      findings: [],
    })
  })

  it('counts with its tag object and all its readings', () => {
    const { releases } = classify({ tags: { 'v1@2.0.0/v3.0.0': { commit: A, object: OBJECT }, 'v1.0.0': A } })
    expect(releases).toMatchObject([
      { object: OBJECT, listed: true, place: null, readings: [{ release: '3.0.0', idText: 'v1@2.0.0' }] },
      { object: null, listed: true },
    ])
  })

  it('that counted once counts permanently, reachable or not', () => {
    const ledger = { 'v0.1.0': B, 'v1.0.0': A }
    expect(classified({ tags: { 'v1.0.0': A, 'v0.1.0': B }, ledger, reachable: [] })).toEqual({
      releases: ['v1.0.0 a 1', 'v0.1.0 b 0'],
      findings: [],
    })
  })

  it('is checked for reachability only while it is new and reads as a release', () => {
    const listing = { tags: ['v1.0.0', 'v2.0.0', 'nightly', 'v1'].map((name) => ({ name, commit: A })) }
    const asked = uncountedTags(listing, new Map([['v1.0.0', A]]), PATTERNS)
    expect(asked.map(({ name }) => name)).toEqual(['v2.0.0'])
  })
})

describe('a tag that moved', () => {
  it('stays at the commit where it first counted', () => {
    const input = { tags: { 'v1.0.0': { commit: B, object: OBJECT } }, ledger: { 'v1.0.0': A } }
    expect(classified(input)).toEqual({ releases: ['v1.0.0 a 0'], findings: ['tag_moved v1.0.0'] })
    expect(classify(input).releases).toMatchObject([{ object: null, listed: false }])
    expect(messagesOf(input)).toEqual([
      'Tag v1.0.0 was moved from aaaaaaaaaaaa to bbbbbbbbbbbb. It stays at aaaaaaaaaaaa, where it first counted. Release the new commit under a new version.',
    ])
  })

  it('is no longer reported when it moves back', () => {
    expect(classified({ tags: { 'v1.0.0': A }, ledger: { 'v1.0.0': A } }).findings).toEqual([])
  })

  it('may move to a commit that is not reachable', () => {
    const input = { tags: { 'v1.0.0': B }, ledger: { 'v1.0.0': A }, reachable: [] }
    expect(classified(input)).toEqual({ releases: ['v1.0.0 a 0'], findings: ['tag_moved v1.0.0'] })
  })
})

describe('a tag that was deleted', () => {
  it('stays released, sorted after those that are listed', () => {
    const input = { tags: { 'v2.0.0': B }, ledger: { 'v1.0.0': A } }
    expect(classified(input)).toEqual({
      releases: ['v2.0.0 b new', 'v1.0.0 a 0'],
      findings: ['tag_deleted v1.0.0'],
    })
    expect(classify(input).releases[1]).toMatchObject({ object: null, listed: false })
    expect(messagesOf(input)).toEqual([
      'Tag v1.0.0 was deleted. Everything that it released at aaaaaaaaaaaa stays released.',
    ])
  })
})

describe('a tag in the ledger that no longer matches a pattern', () => {
  it('is not a release, but its move and its deletion are reported', () => {
    expect(classified({ tags: { 'old-1': B }, ledger: { 'old-1': A, 'old-2': A } })).toEqual({
      releases: [],
      findings: ['tag_moved old-1', 'tag_deleted old-2', 'tags_unmatched'],
    })
  })
})

describe('a tag that nearly matches a pattern', () => {
  it.each([
    ['v0.9.04', 'Tag v0.9.04 releases nothing: "0.9.04" is not a semantic version such as 1.2.3.'],
    [
      'v3',
      'Tag v3 releases nothing: "3" has only one numeric part, like a moving tag; release under a version such as 3.0.0.',
    ],
  ])('releases nothing, for its own reason: %s', (name, message) => {
    expect(classified({ tags: { [name]: A, 'v1.0.0': A } })).toEqual({
      releases: ['v1.0.0 a new'],
      findings: [`tag_not_release ${name}`],
    })
    expect(messagesOf({ tags: { [name]: A } })).toEqual([message])
  })

  it('with a version that cannot become a name does not block other tags', () => {
    const long = `v2.0.0+${'b'.repeat(130)}`
    const trimmed = 'v3.0.0\u00A0'
    expect(classified({ tags: { [long]: A, [trimmed]: A, 'v1.0.0': A } })).toEqual({
      releases: ['v1.0.0 a new'],
      findings: [`tag_not_release ${long}`, `tag_not_release ${trimmed}`.trim()],
    })
  })
})

describe('tags that match no pattern', () => {
  it('are one finding, newest first, which names the newest', () => {
    const tags = { '1.0.0': A, 'prompts-v1.9.0': A, 'prompts-v1.10.0': A, 'release/1.0.1': A, nightly: A }
    expect(classify({ tags }).findings).toEqual([
      {
        code: 'tags_unmatched',
        subject: { kind: 'repository', name: '' },
        message:
          '5 tags match no release pattern (newest: prompts-v1.10.0). If they are releases, add their pattern to releases. Current patterns: v{version}, {id}@{version}, {id}/v{version}.',
        details: {
          count: 5,
          tags: ['prompts-v1.10.0', 'prompts-v1.9.0', 'release/1.0.1', '1.0.0', 'nightly'],
        },
      },
    ])
  })

  it('are all counted, and listed up to a limit', () => {
    const tags = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`build-${index}`, A]))
    const [found, ...others] = classify({ tags }).findings
    expect(others).toEqual([])
    expect(found).toMatchObject({ message: expect.stringMatching(/^300 tags .*newest: build-299/) })
    expect(found?.details?.tags).toHaveLength(200)
  })

  it('are in the singular if there is only one', () => {
    expect(messagesOf({ tags: { nightly: A } })[0]).toMatch(/^1 tag matches no release pattern/)
  })

  it('do not include those that match a pattern', () => {
    expect(classified({ tags: { 'v1.0.0': A, v1: A } }).findings).toEqual(['tag_not_release v1'])
  })
})

describe('a tag that is on no release branch', () => {
  const unreachable = (tags: Case['tags'], different: Case = {}) =>
    classified({ tags: { ...tags, 'v1.0.0': A }, reachable: [A], ...different }).findings

  it('releases nothing, and the message names the branches', () => {
    const input = { tags: { 'v1.0.0': B }, reachable: [], branches: 'branch main or release/*' }
    expect(classified(input).releases).toEqual([])
    expect(messagesOf(input)).toEqual([
      'Tag v1.0.0 is not on branch main or release/*. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
    ])
  })

  it.each<[what: string, tags: Case['tags'], findings: string[], different?: Case]>([
    ['is newer than all that count', { 'v1.0.1': B }, ['release_unreachable v1.0.1']],
    ['is older than one that counts', { 'v0.9.0': B }, ['tag_unreachable v0.9.0']],
    [
      'is the same release as one that counts',
      { '1.0.0': B },
      ['tag_unreachable 1.0.0'],
      { patterns: ['v{version}', '{version}'] },
    ],
    ['differs from one that counts by build metadata', { 'v1.0.0+b': B }, ['tag_unreachable v1.0.0+b']],
    ['is a pre-release', { 'v2.0.0-rc.1': B }, ['tag_unreachable v2.0.0-rc.1']],
    [
      'is a pre-release, if they are promoted',
      { 'v2.0.0-rc.1': B },
      ['release_unreachable v2.0.0-rc.1'],
      { prereleases: true },
    ],
    [
      'is below a pre-release that does not promote',
      { 'v1.5.0': B, 'v2.0.0-rc.1': A },
      ['release_unreachable v1.5.0'],
    ],
    ['names a prompt, and is newer than the whole', { 'a@1.0.1': B }, ['release_unreachable a@1.0.1']],
    ['names a prompt, and the whole is newer', { 'a@0.9.0': B }, ['tag_unreachable a@0.9.0']],
    [
      'names a prompt, and another of its own is newer',
      { 'a@2.0.0': B, 'a@3.0.0': A },
      ['tag_unreachable a@2.0.0'],
    ],
    [
      'names a prompt, and only another prompt has newer ones',
      { 'a@2.0.0': B, 'b@3.0.0': A },
      ['release_unreachable a@2.0.0'],
    ],
    [
      'covers the whole, and only one prompt has newer ones',
      { 'v2.0.0': B, 'a@3.0.0': A },
      ['release_unreachable v2.0.0'],
    ],
    [
      'is below one that counted and was deleted',
      { 'v1.5.0': B },
      ['tag_unreachable v1.5.0', 'tag_deleted v2.0.0'],
      { ledger: { 'v2.0.0': A } },
    ],
    [
      'is below one that counted and moved',
      { 'v1.5.0': B, 'v2.0.0': B },
      ['tag_unreachable v1.5.0', 'tag_moved v2.0.0'],
      { ledger: { 'v2.0.0': A } },
    ],
    [
      'is the newest of several, beside which all are problems',
      { 'v1.1.0': B, 'v1.2.0': B },
      ['release_unreachable v1.1.0', 'release_unreachable v1.2.0'],
    ],
  ])('is a problem only if the team released nothing newer: it %s', (_what, tags, findings, different) => {
    expect(unreachable(tags, different)).toEqual(findings)
  })

  it('is a problem if nothing counts', () => {
    expect(classified({ tags: { 'v0.1.0': B }, reachable: [] }).findings).toEqual([
      'release_unreachable v0.1.0',
    ])
  })
})

describe('a tag without an accepted signature', () => {
  const tags = { 'v2.0.0': A, 'v1.0.0': A, 'v0.9.0': A }

  it('does not count if signatures are required, and is a problem if it is the newest', () => {
    const problems = verification('require', { 'v2.0.0': 'it is not signed', 'v0.9.0': 'its key is unknown' })
    const input = { tags, verification: problems }
    expect(classified(input)).toEqual({
      releases: ['v1.0.0 a new'],
      findings: ['release_unverified v2.0.0', 'tag_unverified v0.9.0'],
    })
    expect(classify(input).findings[0]).toMatchObject({
      message:
        'Tag v2.0.0 does not count: it is not signed. Sign it with "git tag -s -f", or release under a new version.',
      details: { commit: A, problem: 'it is not signed' },
    })
  })

  it('counts with a notice if they are not required', () => {
    const input = { tags, verification: verification('warn', { 'v2.0.0': 'it is not signed' }) }
    expect(classified(input)).toEqual({
      releases: ['v2.0.0 a new', 'v1.0.0 a new', 'v0.9.0 a new'],
      findings: ['tag_unverified v2.0.0'],
    })
    expect(messagesOf(input)).toEqual(['Tag v2.0.0 counts, but it is not signed.'])
  })

  it('counts with a notice if it counted before they were required', () => {
    const problems = verification('require', { 'v2.0.0': 'it is not signed' })
    expect(classified({ tags, ledger: { 'v2.0.0': A }, verification: problems })).toEqual({
      releases: ['v2.0.0 a 0', 'v1.0.0 a new', 'v0.9.0 a new'],
      findings: ['tag_unverified v2.0.0'],
    })
  })

  it('is reported only as unreachable if it is both', () => {
    const problems = verification('require', { 'v2.0.0': 'it is not signed' })
    expect(classified({ tags: { 'v2.0.0': B }, reachable: [], verification: problems }).findings).toEqual([
      'release_unreachable v2.0.0',
    ])
  })

  it('is not reported if it is not a release', () => {
    const problems = verification('require', { nightly: 'it is not signed' })
    expect(classified({ tags: { nightly: A }, verification: problems }).findings).toEqual(['tags_unmatched'])
  })

  it('waits without a separate finding until its signature is read', () => {
    const pending = verification('require', {}, ['v2.0.0', 'v0.9.0'])
    const input = { tags, ledger: { 'v0.9.0': A }, verification: pending }
    expect(classified(input)).toEqual({ releases: ['v1.0.0 a new', 'v0.9.0 a 0'], findings: [] })
  })
})

describe('any tags and any ledger', () => {
  const name = fc.constantFrom(
    'v1.0.0',
    'v1.1.0',
    'v2',
    'v2.0',
    'a@1.0.0',
    'a/v3.0.0-rc.1',
    'nightly',
    '1.0.0',
  )
  const commit = fc.constantFrom(A, B)

  it('keep each tag of the ledger where it first counted; every other tag counts or is reported', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, commit),
        fc.dictionary(name, commit),
        fc.subarray([A, B]),
        (tags, ledger, reachable) => {
          const { releases, findings } = classify({ tags, ledger, reachable })
          const releaseOf = (tag: string) => releases.find((one) => one.tag === tag)
          for (const [tag, first] of Object.entries(ledger)) {
            const isRelease = !['v2', 'nightly', '1.0.0'].includes(tag)
            expect(releaseOf(tag)?.commit).toBe(isRelease ? first : undefined)
          }
          for (const { tag, commit: at, place } of releases)
            if (place === null) expect([tags[tag], reachable.includes(at)]).toEqual([at, true])
          const [unmatched = []] = findings.flatMap(({ code, details }) =>
            code === 'tags_unmatched' ? [details?.tags as string[]] : [],
          )
          const reported = new Set([...findings.map(({ subject }) => subject.name), ...unmatched])
          for (const tag of Object.keys(tags))
            expect(releaseOf(tag) !== undefined || reported.has(tag)).toBe(true)
          expect(new Set(releases.map(({ tag }) => tag)).size).toBe(releases.length)
        },
      ),
    )
  })
})
