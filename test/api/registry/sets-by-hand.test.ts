import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import type { AtomicChange } from '../../../api/store/atomic-change.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { outcome, pushText, type TestRegistry } from '../../support/registry.ts'
import { afterPage, leased, passAt, readMany, SOURCE, stoppedPassAt, withSet } from '../../support/sets.ts'

async function started(options: Parameters<typeof withSet>[0] = {}): Promise<TestRegistry & { set: string }> {
  const registry = await withSet(options)
  onTestFinished(registry.close)
  return registry
}

/** What the store has: another process reads nothing else. */
async function members({ sets }: Pick<TestRegistry, 'sets'>, source = SOURCE) {
  const pointer = await sets.pointer(source)
  return (await sets.get(pointer?.move.set ?? ''))?.members
}

const A1 = sha256('a 1')
const B1 = sha256('b 1')

/** A pass that was stopped after it promoted `a` and `b` to 2.0.0. */
const stoppedPass = ({ writer }: TestRegistry) => stoppedPassAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })

test('a rollback replaces one member at once, and never publishes what a stopped pass promoted', async () => {
  const registry = await started()
  const { writer } = registry
  await passAt(writer, '1.1.0', { a: 'a 1.1' })
  await stoppedPass(registry)
  await writer.rollback('a', { version: '1.0.0', reason: 'wrong' })
  expect(await members(registry)).toEqual({ a: A1, b: B1 })
  expect(await writer.currentSet(SOURCE)).toMatchObject({ act: 'rollback', reason: 'wrong', actor: 'will' })
  expect(await readMany(writer, ['a', 'b'])).toEqual(['a 1', 'b 1'])
})

test('a promotion by a person and one without a lease are served at once, and one under a lease is not', async () => {
  const registry = await started()
  const { writer, admin } = registry
  const push = async (content: string) =>
    (await writer.push({ prompt_id: 'a', content, origin: { source: SOURCE } })).version
  await admin.promote('a', { version: await push('by hand'), override: true })
  expect(await writer.currentSet(SOURCE)).toMatchObject({ act: 'promote', actor: 'ada', release: 'v1.0.0' })
  expect(await readMany(writer, ['a'])).toEqual(['by hand'])
  await admin.unhold('a', {})
  await writer.promote('a', { version: await push('by a script'), alias: '1.5.0', source: SOURCE })
  expect(await readMany(writer, ['a'])).toEqual(['by a script'])
  const { sequence } = await writer.currentSet(SOURCE)
  await stoppedPass(registry)
  expect(await writer.currentSet(SOURCE)).toMatchObject({ sequence })
})

test('a hold and an archive move the pointer to the same set, even in the middle of a pass', async () => {
  const registry = await started()
  const { writer, set } = registry
  const lease_token = await stoppedPass(registry)
  const first = await writer.currentSet(SOURCE)
  await writer.hold('a', { reason: 'a look first' })
  const held = await writer.currentSet(SOURCE)
  expect(held).toMatchObject({ set, act: 'hold', reason: 'a look first', previous: first.previous })
  expect(held.sequence).toBeGreaterThan(first.sequence)
  await writer.unhold('a', {})
  expect((await writer.currentSet(SOURCE)).sequence).toBeGreaterThan(held.sequence)
  const archive = { op: 'archive', prompt_id: 'b', archived: true, source: SOURCE, lease_token } as const
  const { sequence } = await writer.currentSet(SOURCE)
  await writer.batch({ operations: [archive] })
  expect(await writer.currentSet(SOURCE), 'an archive by the pass').toMatchObject({ sequence })
  expect(await members(registry)).toEqual({ a: A1, b: B1 })
})

test('an archived prompt stays in the set, and a retired one leaves it', async () => {
  const registry = await started()
  const { writer } = registry
  const fields = { source: SOURCE } as const
  await writer.batch({ operations: [{ op: 'archive', prompt_id: 'b', archived: true, ...fields }] })
  expect(await writer.currentSet(SOURCE)).toMatchObject({ act: 'archive' })
  expect(await members(registry)).toEqual({ a: A1, b: B1 })
  await writer.batch({ operations: [{ op: 'retire', prompt_id: 'b', release: '2.0.0', ...fields }] })
  expect(await writer.currentSet(SOURCE)).toMatchObject({ act: 'retire' })
  expect(await members(registry)).toEqual({ a: A1 })
  expect(await readMany(writer, ['b'])).toEqual(['not_released'])
})

test('a revocation of a member replaces it, and readers learn which identities were revoked since', async () => {
  const registry = await started()
  const { writer, admin } = registry
  await passAt(writer, '2.0.0', { a: 'a 2' })
  const before = await writer.currentSet(SOURCE)
  await writer.revoke('a', { version: '2.0.0' })
  expect(await members(registry)).toEqual({ a: A1, b: B1 })
  const after = await writer.currentSet(SOURCE, { revoked_since: before.sequence })
  expect(after).toMatchObject({ act: 'revoke', revoked: [sha256('a 2')] })
  expect(await writer.currentSet(SOURCE, { revoked_since: after.sequence })).toMatchObject({ revoked: [] })
  await admin.revoke('a', { version: '1.0.0' })
  expect(await members(registry), 'with nothing to go back to').toEqual({ b: B1 })
  expect(await readMany(writer, ['a', 'b'])).toEqual(['revoked', 'b 1'])
  const { moves } = await writer.setMoves(SOURCE)
  expect(moves.slice(0, 2).map(({ revoked }) => revoked)).toEqual([[A1], [sha256('a 2')]])
})

test('a revocation of another version moves the pointer, but a member that is not revoked stays', async () => {
  const registry = await started()
  const { writer } = registry
  await passAt(writer, '1.1.0', { a: 'a 1.1' })
  await stoppedPass(registry)
  const { set, sequence } = await writer.currentSet(SOURCE)
  await writer.revoke('a', { version: '1.0.0' })
  const after = await writer.currentSet(SOURCE, { revoked_since: sequence })
  expect(after).toMatchObject({ set, revoked: [A1] })
  await writer.revoke('a', { version: '1.1.0' })
  expect(await readMany(writer, ['a', 'b']), 'the member itself').toEqual(['a 2', 'b 1'])
})

test('the revocation of a draft is not named, because its identity could confirm a guess', async () => {
  const { writer } = await started()
  const { version } = await writer.push({ prompt_id: 'a', content: 'a secret', origin: { source: SOURCE } })
  const { sequence } = await writer.currentSet(SOURCE)
  await writer.revoke('a', { version })
  const after = await writer.currentSet(SOURCE, { revoked_since: sequence })
  expect(after.sequence).toBeGreaterThan(sequence)
  expect(after.revoked).toEqual([])
})

test('readers ask for everything again after more revocations than the pointer has', async () => {
  const { writer, clock } = await started()
  const first = await writer.currentSet(SOURCE)
  for (let n = 0; n < 51; n++) {
    clock.now += 10
    const { version } = await writer.push({ prompt_id: 'a', content: `bad ${n}`, origin: { source: SOURCE } })
    await writer.addAlias('a', { version, alias: `0.0.${n + 1}`, source: SOURCE })
    await writer.revoke('a', { version })
  }
  const all = await writer.currentSet(SOURCE, { revoked_since: first.sequence })
  expect(all).toMatchObject({ revoked: [], revoked_all: true })
  const { moves } = await writer.setMoves(SOURCE, { limit: 51 })
  const oldest = moves.at(-1)?.sequence ?? 0
  const since = await writer.currentSet(SOURCE, { revoked_since: oldest })
  expect(since).not.toHaveProperty('revoked_all')
  expect(since.revoked).toHaveLength(50)
})

test('a transfer takes a prompt from one set to the other with one commit', async () => {
  const changes: AtomicChange[] = []
  const between = (prompts: PromptStore): PromptStore => ({
    ...prompts,
    commit(change) {
      changes.push(change)
      return prompts.commit(change)
    },
  })
  const registry = await started({ between })
  const { writer, admin } = registry
  await passAt(writer, '1.0.0', { c: 'c 1' }, 'other')
  await admin.transfer('a', { source: 'other' })
  expect(await members(registry)).toEqual({ b: B1 })
  expect(await members(registry, 'other')).toEqual({ a: A1, c: sha256('c 1') })
  expect(changes.at(-1)?.pointers).toHaveLength(2)
  expect(await readMany(writer, ['a', 'b', 'c'])).toEqual(['a 1', 'b 1', 'c 1'])
  await admin.transfer('a', { source: null })
  expect(await members(registry, 'other')).toEqual({ c: sha256('c 1') })
  expect(await readMany(writer, ['a'])).toEqual(['a 1'])
})

test('a prompt without an owner stays served when a pass takes it, before the pass moves the pointer', async () => {
  const { writer, admin } = await started()
  await admin.push({ prompt_id: 'old', content: 'by hand', version: '0.1.0' })
  await admin.promote('old', { version: '0.1.0' })
  const lease_token = await leased(writer)
  await writer.push({ prompt_id: 'old', content: 'from git', origin: { source: SOURCE }, lease_token })
  expect(await readMany(writer, ['old'])).toEqual(['by hand'])
})

test('a change by hand while the first set is made is not lost', async () => {
  const { between, next } = afterPage()
  const registry = await started({ between })
  const { writer } = registry
  await passAt(writer, '2.0.0', { a: 'a 2' })
  next.run = async () => void (await writer.rollback('a', {}))
  await writer.moveSet(SOURCE, { release: 'v2.0.1' })
  expect(await members(registry), 'a later set').toMatchObject({ a: A1 })
  for (const [version, content] of [
    ['1.0.0', 'x 1'],
    ['2.0.0', 'x 2'],
  ] as const) {
    const pushed = await writer.push({ prompt_id: 'x', content, origin: { source: 'new' } })
    await writer.promote('x', { version: pushed.version, alias: version, source: 'new' })
  }
  next.run = async () => void (await writer.rollback('x', {}))
  await writer.moveSet('new', { release: 'v2.0.0' })
  expect(await members(registry, 'new'), 'the first set').toEqual({ x: sha256('x 1') })
})

test('a transfer while the first set is made is not lost', async () => {
  const { between, next } = afterPage()
  const registry = await started({ between })
  const { writer, admin } = registry
  await pushText(writer, 'draft', 'x', 'new')
  next.run = async () => void (await admin.transfer('a', { source: 'new' }))
  await writer.moveSet('new', {})
  expect(await members(registry, 'new')).toEqual({ a: A1 })
})

test('the first push of a prompt without a lease moves no pointer', async () => {
  const { writer } = await started()
  await pushText(writer, 'x', 'x 1', 'new')
  expect((await writer.setMoves('new')).moves).toEqual([])
})

test('a first pass that takes prompts of nobody moves the pointer once, and so does forgetting them', async () => {
  const { writer, admin } = await started()
  const ids = ['x', 'y', 'z']
  for (const id of ids) {
    await admin.push({ prompt_id: id, content: 'of nobody', version: '1.0.0' })
    await admin.promote(id, { version: '1.0.0' })
  }
  await passAt(writer, '2.0.0', Object.fromEntries(ids.map((id) => [id, `${id} 2`])), 'new')
  expect((await admin.setMoves('new')).moves).toMatchObject([{ act: 'release' }])
  await admin.forget('new', { delete: true })
  expect((await admin.setMoves('new')).moves.map(({ act }) => act)).toEqual(['forget', 'release'])
})

test('changes by hand of one source at the same time are all made', async () => {
  const registry = await started()
  const { writer, admin } = registry
  const ids = Array.from({ length: 50 }, (_, n) => `p${n}`)
  await passAt(writer, '1.0.0', Object.fromEntries(ids.map((id) => [id, `${id} 1`])))
  await passAt(writer, '2.0.0', Object.fromEntries(ids.map((id) => [id, `${id} 2`])))
  await passAt(writer, '1.0.0', { c: 'c 1' }, 'other')
  const acts = ids.map((id, n) =>
    n % 3 === 0 ? admin.transfer(id, { source: 'other' }) : writer.rollback(id, {}),
  )
  expect(await Promise.all(acts.map((act) => outcome(act)))).toEqual(ids.map(() => 'done'))
  const own = Object.fromEntries(ids.flatMap((id, n) => (n % 3 === 0 ? [] : [[id, sha256(`${id} 1`)]])))
  const theirs = Object.fromEntries(ids.flatMap((id, n) => (n % 3 === 0 ? [[id, sha256(`${id} 2`)]] : [])))
  expect(await members(registry)).toEqual({ a: A1, b: B1, ...own })
  expect(await members(registry, 'other')).toEqual({ c: sha256('c 1'), ...theirs })
})

test('a dry run of a change by hand moves nothing', async () => {
  const { writer } = await started()
  await passAt(writer, '2.0.0', { a: 'a 2' })
  const before = await writer.currentSet(SOURCE)
  expect(await writer.rollback('a', { dry_run: true })).toMatchObject({ changed: true, release: '1.0.0' })
  expect(await writer.currentSet(SOURCE)).toEqual(before)
})

test('a transfer moves the pointer even if the set lacks the prompt, so that a pass at work reads its prompts again', async () => {
  const { writer, admin } = await started()
  const lease_token = await leased(writer)
  const { version } = await writer.push({
    ...{ prompt_id: 'new', content: 'new 1', origin: { source: SOURCE }, lease_token },
  })
  await writer.promote('new', { version, alias: '2.0.0', source: SOURCE, lease_token })
  const before = await writer.currentSet(SOURCE)
  await admin.transfer('new', { source: 'other', create: true })
  const { set, sequence } = await writer.currentSet(SOURCE)
  expect(set).toBe(before.set)
  expect(sequence).toBeGreaterThan(before.sequence)
})
