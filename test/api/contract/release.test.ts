import { compare, valid } from 'semver'
import { describe, expect, test } from 'vitest'
import { compareReleases, higherRelease, isPrerelease, parseRelease } from '../../../api/contract/index.ts'
import { releaseKey } from '../../../api/contract/release.ts'
import fc from '../../support/fast-check.ts'
import { releases, versionNames } from '../../support/registry-arbitraries.ts'

describe('a release', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2.3', '1.2.3'],
    ['1.2.3-rc.1+b', '1.2.3-rc.1+b'],
    ['1.2', undefined],
    ['v1', undefined],
    ['1.2.3.4', undefined],
    ['01.2.3', undefined],
    ['1.2.3-01', undefined],
    ['v0.9.04', undefined],
    ['123456789012', undefined],
    ['nightly', undefined],
    ['vv1.2.3', undefined],
    ['V1.2.3', undefined],
    ['9007199254740992.0.0', undefined],
  ])('of the name %s is %s', (name, release) => {
    expect(parseRelease(name)).toBe(release)
  })

  test('is read from a name if and only if it is a semantic version', () => {
    fc.assert(
      fc.property(versionNames, (name) => {
        const bare = name.startsWith('v') ? name.slice(1) : name
        expect(parseRelease(name) !== undefined).toBe(/^\d/.test(bare) && valid(bare) !== null)
      }),
    )
  })

  test('compares as semver.org defines', () => {
    fc.assert(
      fc.property(releases, releases, (a, b) => {
        expect(compareReleases(a, b)).toBe(compare(a, b))
        expect(higherRelease(a, b)).toBe(compare(a, b) >= 0 ? a : b)
        expect(higherRelease(a, undefined)).toBe(a)
      }),
    )
  })

  test('has the key of another one if and only if both are equal', () => {
    const builds = fc.constantFrom('', '+b', '+1-a')
    const more = fc.tuple(releases, builds).map(([release, build]) => release.replace(/\+.*$/, '') + build)
    fc.assert(
      fc.property(more, more, releases, (a, b, c) => {
        for (const other of [b, c, `${a.replace(/\+.*$/, '')}+other`])
          expect(releaseKey(a) === releaseKey(other)).toBe(compare(a, other) === 0)
      }),
    )
  })

  test.each([
    ['1.10.0', '1.9.0', 1],
    ['1.2.3', '1.2.3', 0],
    ['1.2.3', '10.0.0', -1],
    ['1.2.3-rc.1', '1.2.3', -1],
    ['999999999.0.0', '1000000000.0.0', -1],
  ])('%s compared with %s is %d', (a, b, result) => {
    expect(compareReleases(a, b)).toBe(result)
  })

  test('is a pre-release with a "-" part, but not with only a "+" part', () => {
    expect(isPrerelease('1.0.0-rc.1')).toBe(true)
    expect(isPrerelease('1.0.0+a-b')).toBe(false)
    expect(isPrerelease('1.0.0')).toBe(false)
  })
})
