import { expect, test } from 'vitest'
import { newestOf } from '../../../controller/pass/newest-releases.ts'
import type { DesiredRelease, WholeRelease } from '../../../controller/plan/plan-input.ts'

const release = (version: string, prerelease = false) =>
  ({ id: 'p', release: version, identity: `of ${version}`, prerelease }) as DesiredRelease
const whole = (version: string, ...ids: string[]): WholeRelease => ({
  ...{ tag: `v${version}`, release: version, commit: 'c' },
  ids: new Set(ids),
})
const SETTINGS = { prereleases: false, prune: false }

test('a pre-release is the newest release only if the source promotes them', () => {
  const releases = new Map([['p', [release('2.0.0-rc.1', true), release('1.0.0')]]])
  const found = (prereleases: boolean) =>
    newestOf({ releases, newest: null }, { ...SETTINGS, prereleases }).get('p')?.release
  expect([found(false), found(true)]).toEqual(['1.0.0', '2.0.0-rc.1'])
})

test('a prompt without a release is left out', () => {
  expect(newestOf({ releases: new Map([['p', []]]), newest: null }, SETTINGS)).toEqual(new Map())
})

test('with prune, a higher release of the tree without the prompt retires it', () => {
  const releases = new Map([['p', [release('1.0.0')]]])
  const found = (newest: WholeRelease, prune = true) =>
    newestOf({ releases, newest }, { ...SETTINGS, prune }).get('p')
  expect(found(whole('2.0.0', 'q'))).toEqual({ release: '2.0.0', identity: null })
  const kept = { release: '1.0.0', identity: 'of 1.0.0' }
  expect(found(whole('2.0.0', 'p'))).toEqual(kept)
  expect(found(whole('0.9.0', 'q'))).toEqual(kept)
  expect(found(whole('2.0.0', 'q'), false)).toEqual(kept)
})
