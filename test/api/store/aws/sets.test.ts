import { expect, onTestFinished, test } from 'vitest'
import { setDigest } from '../../../../api/contract/release-set.ts'
import { sha256 } from '../../../../api/contract/version.ts'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { type AwsRegistry, awsRegistry, callsOf, objectKeys, putText } from '../../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../../support/aws/world.ts'
import { outcome } from '../../../support/registry.ts'
import { passAt, readMany, SOURCE } from '../../../support/sets.ts'

async function served(): Promise<AwsRegistry & { world: AwsWorld; set: string }> {
  const world = await makeWorld()
  onTestFinished(world.close)
  const registry = awsRegistry(world)
  const set = await passAt(registry.admin, '1.0.0', { a: 'a 1', b: 'b 1' })
  return { world, ...registry, set }
}

const SET = { source: SOURCE, members: { a: sha256('a 1'), b: sha256('b 1') } }

describeOnAws('release sets on AWS', () => {
  test('are an object that no prompt id can name, and cost a release two writes', async () => {
    const { world, admin, set } = await served()
    expect(set).toBe(setDigest(SET))
    expect(await objectKeys(world)).toContain(`.sets/${set}.json`)
    const { version } = await admin.push({ prompt_id: 'a', content: 'a 2', origin: { source: SOURCE } })
    await admin.lease(SOURCE, { holder: 'pass' })
    const lease_token = (await admin.source(SOURCE)).lease?.token ?? 0
    await admin.promote('a', { version, alias: '2.0.0', source: SOURCE, lease_token })
    const move = () => admin.moveSet(SOURCE, { release: 'v2.0.0', lease_token })
    const reads = { BatchGetItem: 1, GetItem: 1, Query: 1 }
    expect(await callsOf(world, move)).toEqual({ ...reads, TransactWriteItems: 2, PutObject: 1 })
    expect(await callsOf(world, move), 'repeated').toEqual(reads)
  })

  test('cost a batch of references one read more, whatever its size', async () => {
    const { world } = await served()
    const cold = awsRegistry(world).admin
    const read = () => readMany(cold, ['a', 'b'])
    expect(await callsOf(world, read)).toEqual({ BatchGetItem: 1, GetItem: 1, GetObject: 3 })
    expect(await callsOf(world, read)).toEqual({ BatchGetItem: 1, GetItem: 1 })
    expect(await callsOf(world, () => cold.currentSet(SOURCE))).toEqual({ GetItem: 1 })
    expect(await callsOf(world, () => cold.releaseSet(setDigest(SET)))).toEqual({})
  })

  test('cost a change by hand one read, and the set if its members change', async () => {
    const { world, admin } = await served()
    await passAt(admin, '2.0.0', { a: 'a 2', b: 'b 2' })
    const hold = await callsOf(world, () => admin.hold('a', {}))
    expect(hold).toEqual({ GetItem: 2, TransactWriteItems: 1 })
    const { TransactWriteItems, PutObject } = await callsOf(world, () =>
      admin.rollback('b', { hold: 'none' }),
    )
    expect({ TransactWriteItems, PutObject }).toEqual({ TransactWriteItems: 2, PutObject: 1 })
    expect(await readMany(awsRegistry(world).admin, ['a', 'b'])).toEqual(['a 2', 'b 1'])
  })

  test('a move whose answer was lost is recognised', async () => {
    const { world, admin } = await served()
    world.proxy.reset()
    let sent = 0
    world.proxy.fault = ({ action }) => (action === 'TransactWriteItems' && ++sent === 2 ? 'drop' : undefined)
    const moved = await admin.moveSet(SOURCE, { release: 'v1.0.1' })
    world.proxy.fault = null
    expect(sent).toBeGreaterThan(2)
    expect(moved.changed).toBe(true)
    expect((await admin.setMoves(SOURCE)).moves.map(({ release }) => release)).toEqual(['v1.0.1', 'v1.0.0'])
  })

  test('a removal that was killed keeps the set from being used for a while, and not for good', async () => {
    const { world, sets, set } = await served()
    const [stored] = (await sets.stored(SOURCE, { limit: 1 })).items
    if (stored === undefined) expect.unreachable('the set is not stored')
    world.proxy.fault = ({ action }) => (action === 'DeleteObject' ? 'fail' : undefined)
    await expect(sets.remove(stored)).rejects.toMatchObject({
      code: expect.stringMatching(/busy|unavailable/),
    })
    world.proxy.fault = null
    const used = (minutes: number) => sets.put(set, SET, stored.usedAt + minutes * 60_000)
    expect(await outcome(used(1))).toBe('busy')
    expect(await outcome(sets.keep(SOURCE, set, true).then((kept) => expect(kept).toBe(false)))).toBe('done')
    expect(await outcome(used(16))).toBe('done')
    expect(await sets.get(set)).toEqual(SET)
    expect(await sets.keep(SOURCE, set, true)).toBe(true)
  })

  test('an object that another program changed is named', async () => {
    const { world, set } = await served()
    await putText(world, `.sets/${set}.json`, '{}')
    await expect(awsRegistry(world).admin.releaseSet(set)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`.sets/${set}.json`),
    })
  })

  test('two processes that change prompts of one source by hand at once lose no change', async () => {
    const { world, admin } = await served()
    const ids = ['p', 'q', 'r', 's']
    await passAt(admin, '3.0.0', Object.fromEntries(ids.map((id) => [id, `${id} 1`])))
    await passAt(admin, '4.0.0', Object.fromEntries(ids.map((id) => [id, `${id} 2`])))
    const processes = [awsRegistry(world).admin, awsRegistry(world).admin]
    await Promise.all(ids.map((id, n) => processes[n % 2]?.rollback(id, { hold: 'none' })))
    expect(await readMany(awsRegistry(world).admin, ids)).toEqual(ids.map((id) => `${id} 1`))
  })
})
