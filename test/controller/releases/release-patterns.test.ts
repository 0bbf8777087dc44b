import { describe, expect, it } from 'vitest'
import { patternProblem, readTag } from '../../../controller/releases/release-patterns.ts'
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
  ])('may not be "%s", and says why', (pattern, reason) => {
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
    // Both patterns read it, and the order of the patterns decides.
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
    expect(readTag(tag, DEFAULTS).notSemantic).toBeNull()
  })

  it.each([
    ['v0.9.04', '0.9.04'],
    ['v1', '1'],
    ['v1.2', '1.2'],
    ['v1.2.3.4', '1.2.3.4'],
    ['v01.2.3', '01.2.3'],
    ['v1.2.3-', '1.2.3-'],
    ['v99999999999999999999.0.0', '99999999999999999999.0.0'],
    ['triage@1.x', '1.x'],
    ['triage/v2026-01', '2026-01'],
  ])('%s is nearly a release', (tag, text) => {
    expect(readTag(tag, DEFAULTS)).toEqual({ readings: [], notSemantic: text })
  })

  it('is read by the patterns in their order, and by one pattern with the longest id first', () => {
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

  it('has text around that must be there', () => {
    expect(readings('release-1.0.0-final', ['release-{version}-final'])).toEqual(['1.0.0'])
    expect(readings('release-1.0.0', ['release-{version}-final'])).toEqual([])
    // Prefix and suffix may not share characters.
    expect(readings('ab', ['ab{version}b'])).toEqual([])
    expect(readings('p/triage/1.0.0/s', ['p/{id}/{version}/s'])).toEqual(['1.0.0 of triage'])
  })
})

describe('a tag that was made by a pattern', () => {
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
  ])('%s reads as what it was made of', (pattern) => {
    fc.assert(
      fc.property(id, version, (idText, release) => {
        const tag = pattern.replace('{id}', idText).replace('{version}', release)
        const wanted = { release, idText: pattern.includes('{id}') ? idText : null }
        expect(readTag(tag, [pattern]).readings).toContainEqual(wanted)
      }),
    )
  })

  it('never gives an empty id, nor a release that is none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c0-9@/v.-]{0,20}$/), (tag) => {
        const { readings: found, notSemantic } = readTag(tag, ['{version}', ...DEFAULTS, '{id}-{version}'])
        for (const { idText, release } of found) {
          expect(idText).not.toBe('')
          expect(release).toMatch(/^\d+\.\d+\.\d+/)
          expect(tag).toContain(release)
        }
        if (found.length > 0) expect(notSemantic).toBeNull()
      }),
    )
  })
})
