import { expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { readServed } from '../../../controller/pass/read-served.ts'
import type { DesiredRelease } from '../../../controller/plan/plan-input.ts'
import { makeRegistry, release } from '../../support/registry.ts'

const HOUR = 3_600_000

/** Another environment whose clock the test moves, with release 1.0.0 of `a` since ten hours. */
async function staging() {
  const other = makeRegistry()
  onTestFinished(other.close)
  const version = await release(other.admin, 'a', '1.0.0')
  const { identity } = await other.admin.resolve('a', { mode: 'production' })
  const pass = (hours: number) => {
    other.clock.now += hours * HOUR
  }
  pass(10)
  const gated = [{ id: 'a', identity } as DesiredRelease]
  const served = async (api: Pick<RegistryApi, 'lookup' | 'events' | 'reads'> = other.admin) =>
    (await readServed({ api, now: other.clock.now }, gated)).get('a')
  return { ...other, version, pass, served }
}

test('a version has served since it was promoted there, and was read by all applications', async () => {
  const { served, reads, version } = await staging()
  const count = { promptId: 'a', version, day: '2026-01-31' }
  await reads.add(
    [
      { ...count, application: 'triage', reads: 3 },
      { ...count, application: 'unknown', reads: 4 },
      { ...count, application: 'triage', version: 'another', reads: 50 },
    ],
    90,
  )
  expect(await served()).toEqual({ servedMs: 10 * HOUR, reads: 7, withdrawn: null })
})

test('a later release there ends the time, and does not spoil it', async () => {
  const { served, admin, pass } = await staging()
  await release(admin, 'a', '2.0.0')
  pass(5)
  expect(await served()).toEqual({ servedMs: 10 * HOUR, reads: 0, withdrawn: null })
})

test('a version that was rolled back or revoked there is withdrawn, until it serves again', async () => {
  const { served, admin, pass, version } = await staging()
  const bad = await staging()
  await release(bad.admin, 'a', '2.0.0')
  const { identity } = await bad.admin.resolve('a', { mode: 'production' })
  await bad.admin.rollback('a', {})
  const gated = [{ id: 'a', identity } as DesiredRelease]
  const there = await readServed({ api: bad.admin, now: bad.clock.now }, gated)
  expect(there.get('a')).toMatchObject({ withdrawn: 'rolled_back' })
  expect(await bad.served(), 'the one that serves again').toMatchObject({ withdrawn: null })
  await admin.revoke('a', { version, reason: 'wrong' })
  pass(1)
  expect(await served()).toMatchObject({ withdrawn: 'revoked' })
})

test('a version that is a draft there, or missing, has not served', async () => {
  const { admin, clock } = await staging()
  await admin.push({ prompt_id: 'a', content: 'draft', origin: { source: 'git' } })
  const { identity } = await admin.resolve('a', { mode: 'dev' })
  const gated = [
    { id: 'a', identity },
    { id: 'none', identity: 'ab'.repeat(32) },
  ] as DesiredRelease[]
  const there = await readServed({ api: admin, now: clock.now }, gated)
  expect([...there.values()]).toEqual([
    { servedMs: null, reads: 0, withdrawn: null },
    { servedMs: null, reads: 0, withdrawn: null },
  ])
})

test('an error of each call is the result, and never a version that served', async () => {
  const { served, admin } = await staging()
  for (const method of ['lookup', 'events', 'reads'] as const) {
    const broken = { ...admin, [method]: () => Promise.reject(new Error('It is down.')) }
    expect(await served(broken), method).toEqual({ unreadable: 'It is down.' })
  }
})
