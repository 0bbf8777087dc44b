import { expect, onTestFinished, test } from 'vitest'
import type { SetStatement } from '../../../api/contract/proof/set-statement.ts'
import { verifyProof } from '../../../api/contract/proof/verify-set.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { PRIVATE, PUBLIC, proofOf } from '../../support/proof.ts'
import { outcome } from '../../support/registry.ts'
import { leased, SOURCE, stoppedPassAt, withSet } from '../../support/sets.ts'

const [A1, B1] = [sha256('a 1'), sha256('b 1')]

async function started(options: Parameters<typeof withSet>[0] = { emergencyKey: PRIVATE.emergency }) {
  const registry = await withSet(options)
  onTestFinished(registry.close)
  return registry
}

/** The proof that a controller signs after a pass, for the set that the registry would move to. */
async function signedFor(
  api: RegistryApi,
  members: Record<string, string>,
  fields: Partial<SetStatement> = {},
) {
  const { sequence } = await api.moveSet(SOURCE, { dry_run: true, lease_token: await leased(api) })
  return proofOf({ source: SOURCE, members, sequence: sequence + 1, ...fields })
}

async function sign(api: RegistryApi, members: Record<string, string>, release?: string) {
  const proof = await signedFor(api, members)
  return await api.moveSet(SOURCE, { proof, lease_token: await leased(api), ...(release && { release }) })
}

/** The verified proof that the registry hands out. */
async function proven(api: RegistryApi) {
  const { proof, set } = await api.currentSet(SOURCE, { include: 'proof' })
  const verified = verifyProof(proof, PUBLIC)
  expect(verified.statement.set).toBe(set)
  return verified
}

test('a set that nobody signed has no proof', async () => {
  const { writer } = await started()
  expect((await writer.currentSet(SOURCE, { include: 'proof' })).proof).toBeNull()
  expect(await writer.currentSet(SOURCE)).not.toHaveProperty('proof')
})

test('the proof of a move travels with the set, and its sequence is that of the pointer', async () => {
  const { writer } = await started()
  const proof = await signedFor(writer, { a: A1, b: B1 })
  const lease_token = await leased(writer)
  const moved = await writer.moveSet(SOURCE, { proof, lease_token })
  expect(moved).toMatchObject({ changed: true, signed: true })
  const { statement } = await proven(writer)
  expect(statement).toMatchObject({ kind: 'release', members: { a: A1, b: B1 }, sequence: moved.sequence })
  expect(await writer.moveSet(SOURCE, { proof, lease_token })).toMatchObject({ changed: false, signed: true })
})

test('a proof of another set, source, kind or sequence is refused', async () => {
  const { writer } = await started()
  const move = async (members: Record<string, string>, fields: Partial<SetStatement> = {}) => {
    const proof = await signedFor(writer, members, fields)
    return await outcome(writer.moveSet(SOURCE, { proof, lease_token: await leased(writer) }))
  }
  const own = { a: A1, b: B1 }
  expect(await move({ a: A1 })).toBe('revision_conflict')
  expect(await move(own, { sequence: 1 })).toBe('revision_conflict')
  expect(await move(own, { source: 'other' })).toBe('invalid_request')
  expect(await move(own, { kind: 'emergency' })).toBe('invalid_request')
  const { proof } = await writer.currentSet(SOURCE, { include: 'proof' })
  expect(proof).toBeNull()
})

test('while the set is signed, a move without a proof is refused', async () => {
  const { writer } = await started()
  await sign(writer, { a: A1, b: B1 })
  await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  const lease_token = await leased(writer)
  expect(await outcome(writer.moveSet(SOURCE, { lease_token, release: 'v2.0.0' }))).toBe('proof_required')
  await sign(writer, { a: sha256('a 2'), b: B1 }, 'v2.0.0')
  expect((await proven(writer)).statement.members).toEqual({ a: sha256('a 2'), b: B1 })
})

test('a rollback by hand is signed with the emergency key, from the releases that had its versions', async () => {
  const { writer } = await started()
  await sign(writer, { a: A1, b: B1 })
  await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  await sign(writer, { a: sha256('a 2'), b: B1 })
  await stoppedPassAt(writer, '3.0.0', { b: 'b 2' })
  await sign(writer, { a: sha256('a 2'), b: sha256('b 2') })
  await writer.rollback('a', { reason: 'wrong' })
  const first = await proven(writer)
  expect(first.statement).toMatchObject({ kind: 'emergency', members: { a: A1, b: sha256('b 2') } })
  expect(first.releases).toHaveLength(2)
  await writer.revoke('b', { version: '3.0.0', reason: 'wrong too' })
  const second = await proven(writer)
  expect(second.statement.members).toEqual({ a: A1, b: B1 })
  expect(second.statement.sequence).toBeGreaterThan(first.statement.sequence)
})

test('a change by hand that leaves the set alone leaves its proof', async () => {
  const { writer } = await started({})
  await sign(writer, { a: A1, b: B1 })
  await writer.hold('a', { reason: 'wait' })
  expect((await proven(writer)).statement).toMatchObject({ kind: 'release', members: { a: A1, b: B1 } })
})

test('without the emergency key a change by hand of a signed set is refused, and changes nothing', async () => {
  const { writer } = await started({})
  await sign(writer, { a: A1, b: B1 })
  await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  await sign(writer, { a: sha256('a 2'), b: B1 })
  await expect(writer.rollback('a', { reason: 'wrong' })).rejects.toMatchObject({
    code: 'proof_required',
    message: expect.stringContaining('Give the registry its emergency key (registry.emergencyKeyEnv)'),
  })
  expect((await writer.resolve('a')).content).toBe('a 2')
  expect((await proven(writer)).statement.members.a).toBe(sha256('a 2'))
})

test('a version that no signed release had cannot join a signed set by hand', async () => {
  const { writer, admin } = await started()
  await sign(writer, { a: A1, b: B1 })
  const { version } = await admin.push({ prompt_id: 'a', content: 'by hand', override: true })
  await expect(admin.promote('a', { version, override: true, reason: 'urgent' })).rejects.toMatchObject({
    code: 'proof_required',
    message: expect.stringContaining('no signed release of it had version'),
  })
  expect((await writer.resolve('a')).content).toBe('a 1')
})

test('a source that is rolled back has a proof at once', async () => {
  const { writer } = await started()
  await sign(writer, { a: A1, b: B1 }, 'v1.0.0')
  await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  await sign(writer, { a: sha256('a 2'), b: B1 }, 'v2.0.0')
  await writer.rollbackSource(SOURCE, { reason: 'wrong' })
  expect((await proven(writer)).statement).toMatchObject({ kind: 'emergency', members: { a: A1, b: B1 } })
})
