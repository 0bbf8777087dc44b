import { describe, expect, it } from 'vitest'
import { parseRelease } from '../../../api/contract/release.ts'
import { versionNameProblem } from '../../../api/contract/version-name.ts'
import { patternProblem, readTag } from '../../../controller/values/release-patterns.ts'
import fc from '../../support/fast-check.ts'

const DEFAULTS = ['v{version}', '{id}@{version}', '{id}/v{version}']

function readings(tag: string, patterns: readonly string[] = DEFAULTS): string[] {
  return readTag(tag, patterns).readings.map(({ idText, release }) =>
    idText === null ? release : `${release} of ${idText}`,
  )
}

describe('a release pattern', () => {
  it.each([
    '{version}',
    'v{version}',
    'release-{version}-final',
    '{id}@{version}',
    '{version}_{id}',
    'x/{id}/{version}/y',
  ])('may be %s', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined()
  })

  it.each([
    ['', 'exactly once'],
    ['v1', 'exactly once'],
    ['{id}', 'exactly once'],
    ['{version}-{version}', 'exactly once'],
    ['{id}-{id}-{version}', 'at most once'],
    ['{id}{version}', 'between'],
    ['{version}{id}', 'between'],
    ['{name}-{version}', '{name}'],
    ['{Version}', '{Version}'],
    ['{}{version}', '{}'],
  ])('may not be "%s", with a reason', (pattern, reason) => {
    expect(patternProblem(pattern)).toContain(reason)
    expect(patternProblem(pattern)).toMatch(/\.$/)
  })
})

describe('a tag', () => {
  it.each([
    ['v1.2.3', ['1.2.3']],
    ['v1.2.3-rc.1+build.5', ['1.2.3-rc.1+build.5']],
    ['triage@1.2.3', ['1.2.3 of triage']],
    ['a/b/triage@1.2.3', ['1.2.3 of a/b/triage']],
    ['a/b/triage/v1.2.3', ['1.2.3 of a/b/triage']],
    ['v2/v1.2.3', ['1.2.3 of v2']],
    ['a/v1.0.0/v2.0.0', ['2.0.0 of a/v1.0.0']],
    ['a@b@1.0.0', ['1.0.0 of a@b']],
    // Both patterns match, and their order decides.
    ['v1@2.0.0/v3.0.0', ['3.0.0 of v1@2.0.0']],
    ['vv1.2.3', []],
    ['V1.2.3', []],
    ['v', []],
    ['', []],
    ['1.2.3', []],
    ['@1.2.3', []],
    ['/v1.2.3', []],
    ['triage@v1.2.3', []],
    ['nightly', []],
  ])('%s reads as %j by default', (tag, expected) => {
    expect(readings(tag)).toEqual(expected)
    expect(readTag(tag, DEFAULTS).notRelease).toBeNull()
  })

  it.each([
    ['v0.16', ['0.16.0']],
    ['v1.2-rc.1', ['1.2.0-rc.1']],
    ['v1.2+build.5', ['1.2.0+build.5']],
    ['triage@2.0', ['2.0.0 of triage']],
    ['triage/v2.0-beta', ['2.0.0-beta of triage']],
  ])('%s with two numeric parts is the release %j', (tag, expected) => {
    expect(readings(tag)).toEqual(expected)
    expect(readTag(tag, DEFAULTS).notRelease).toBeNull()
  })

  it.each([
    ['v3', '3'],
    ['v2026', '2026'],
    ['v20260101', '20260101'],
    ['triage@1', '1'],
    ['triage/v1', '1'],
  ])('%s with one numeric part is not a release, because such tags move', (tag, text) => {
    expect(readTag(tag, DEFAULTS)).toEqual({
      readings: [],
      notRelease: `"${text}" has only one numeric part, like a moving tag; release under a version such as ${text}.0.0`,
    })
  })

  it.each([
    ['v0.9.04', '0.9.04'],
    ['v1-rc.1', '1-rc.1'],
    ['v01.2', '01.2'],
    ['v1.', '1.'],
    ['v1.2.', '1.2.'],
    ['v1.2.3.4', '1.2.3.4'],
    ['v01.2.3', '01.2.3'],
    ['v1.2.3-', '1.2.3-'],
    ['v99999999999999999999.0.0', '99999999999999999999.0.0'],
    ['triage@1.x', '1.x'],
    ['triage/v2026-01', '2026-01'],
    ['v1.0.0\u00A0', '1.0.0\u00A0'],
    ['v1.0.0\u200B', '1.0.0\u200B'],
    ['v1.0.0 ', '1.0.0 '],
    ['v1.0\u00A0', '1.0\u00A0'],
    ['v1.0.0-é', '1.0.0-é'],
    ['v1.0.0_1', '1.0.0_1'],
  ])('%s is nearly a release, and its name is shown unchanged', (tag, text) => {
    const notRelease = `"${text}" is not a semantic version such as 1.2.3`
    expect(readTag(tag, DEFAULTS)).toEqual({ readings: [], notRelease })
  })

  it('with a version that cannot be a name is rejected, even if it is a semantic version', () => {
    const ofLength = (length: number) => `1.0.0+${'b'.repeat(length - '1.0.0+'.length)}`
    expect(readings(`v${ofLength(128)}`)).toEqual([ofLength(128)])
    expect(readTag(`v${ofLength(129)}`, DEFAULTS)).toEqual({
      readings: [],
      notRelease: `"1.0.0+${'b'.repeat(54)}…" cannot name a version; a name has at most 128 characters`,
    })
    // Two parts become three before validation.
    expect(readings(`v1.0-${'b'.repeat(128 - 6)}`)).toEqual([`1.0.0-${'b'.repeat(122)}`])
    expect(readTag(`v1.0-${'b'.repeat(123)}`, DEFAULTS).readings).toEqual([])
  })

  it('is read by another pattern if one nearly matches', () => {
    const patterns = ['v{version}', '{id}/v{version}']
    expect(readTag('v2/v1.0.0', patterns)).toEqual({
      readings: [{ release: '1.0.0', idText: 'v2' }],
      notRelease: null,
    })
  })

  it('is read by the patterns in order, and within one pattern with the longest id first', () => {
    expect(readings('1.0.0-rc-a', ['{version}-{id}', '{version}'])).toEqual([
      '1.0.0 of rc-a',
      '1.0.0-rc of a',
      '1.0.0-rc-a',
    ])
    expect(readings('1.0.0-rc-a', ['{version}', '{version}-{id}'])).toEqual([
      '1.0.0-rc-a',
      '1.0.0 of rc-a',
      '1.0.0-rc of a',
    ])
    expect(readings('a-1.0.0-2.0.0', ['{id}-{version}'])).toEqual(['2.0.0 of a-1.0.0', '1.0.0-2.0.0 of a'])
  })

  it("must have the pattern's literal text", () => {
    expect(readings('release-1.0.0-final', ['release-{version}-final'])).toEqual(['1.0.0'])
    expect(readings('release-1.0.0', ['release-{version}-final'])).toEqual([])
    // Prefix and suffix must not overlap.
    expect(readings('ab', ['ab{version}b'])).toEqual([])
    expect(readings('p/triage/1.0.0/s', ['p/{id}/{version}/s'])).toEqual(['1.0.0 of triage'])
  })
})

describe('a tag made from a pattern', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,6}$/)
  const id = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
  const number = fc.nat(99)
  const version = fc
    .tuple(number, number, number, fc.constantFrom('', '-rc.1', '-alpha', '-0', '+build', '-a.b+c.d'))
    .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)

  it.each([
    ...DEFAULTS,
    '{version}',
    '{version}@{id}',
    'release/{id}@{version}/end',
    'prompt_{id}_{version}',
  ])('%s reads back its own tags', (pattern) => {
    fc.assert(
      fc.property(id, version, (idText, release) => {
        const tag = pattern.replace('{id}', idText).replace('{version}', release)
        const wanted = { release, idText: pattern.includes('{id}') ? idText : null }
        expect(readTag(tag, [pattern]).readings).toContainEqual(wanted)
      }),
    )
  })

  it('never has an empty id or an invalid release', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c0-9@/v.-]{0,20}$/), (tag) => {
        const { readings: found, notRelease } = readTag(tag, ['{version}', ...DEFAULTS, '{id}-{version}'])
        for (const { idText, release } of found) {
          expect(idText).not.toBe('')
          expect(parseRelease(release)).toBe(release)
          expect(versionNameProblem(release)).toBeUndefined()
          // A third part is added to two.
          const isThere = (text: string) => tag.includes(text)
          expect([release, release.replace(/^(\d+\.\d+)\.0(?=$|[-+])/, '$1')].some(isThere)).toBe(true)
        }
        if (found.length > 0) expect(notRelease).toBeNull()
      }),
    )
  })
})
