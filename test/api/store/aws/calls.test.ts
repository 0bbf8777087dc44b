import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../../api/contract/version.ts'
import { keyOf, keyRow } from '../../../../api/store/aws/keys.ts'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { awsRegistry, callsOf, countCalls, seed } from '../../../support/aws/registry.ts'
import { callsBySize, EXPECTED_CALLS } from '../../../support/aws/sizes.ts'
import { makeWorld } from '../../../support/aws/world.ts'
import { outcome, read } from '../../../support/registry.ts'

async function freshWorld() {
  const world = await makeWorld()
  onTestFinished(world.close)
  return { world, ...awsRegistry(world) }
}

describeOnAws('calls to AWS', () => {
  // test/long/aws-sizes.test.ts has 10,000.
  test('are the same for a prompt with 1 version and for one with 200', async () => {
    const [one, many] = [await callsBySize(1), await callsBySize(200)]
    expect(one).toMatchObject(EXPECTED_CALLS)
    expect(many).toMatchObject(EXPECTED_CALLS)
    expect(many.revoke).toEqual(one.revoke)
    expect(many['a page of versions']).toEqual({ GetItem: 1, Query: 1, BatchGetItem: 1 })
  })

  test('for an unpinned resolve are one read, and one object if its content is not cached', async () => {
    const { world, admin } = await freshWorld()
    const { version } = await admin.push({ prompt_id: 'p', content: 'one' })
    await admin.promote('p', { version, alias: '1.0.0' })
    await admin.push({ prompt_id: 'p', content: 'two' })
    expect(await callsOf(world, () => admin.resolve('p'))).toEqual({ GetItem: 1 })
    const cold = awsRegistry(world).admin
    for (const mode of ['production', 'dev'])
      expect(await callsOf(world, () => cold.resolve('p', { mode }))).toEqual({ GetItem: 1, GetObject: 1 })
    for (const mode of ['production', 'dev'])
      expect(await callsOf(world, () => cold.resolve('p', { mode }))).toEqual({ GetItem: 1 })
  })

  test('for a resolve are one more read if the version has more than 7 KiB beside its content', async () => {
    const { world, admin } = await freshWorld()
    const push = async (prompt_id: string, bytes: number) => {
      const config = { notes: 'n'.repeat(bytes) }
      const { version } = await admin.push({ prompt_id, content: 'text', config, variables: ['who'] })
      await admin.promote(prompt_id, { version })
    }
    await push('usual', 6_000)
    await push('large', 12_000)
    const cold = awsRegistry(world).admin
    await cold.resolve('usual')
    await cold.resolve('large')
    expect(await callsOf(world, () => cold.resolve('usual'))).toEqual({ GetItem: 1 })
    expect(await callsOf(world, () => cold.resolve('large'))).toEqual({ GetItem: 2 })
    expect(await cold.resolve('large')).toMatchObject({
      config: { notes: 'n'.repeat(12_000) },
      inputs: [{ name: 'who' }],
    })
    await cold.promote('large', { version: (await cold.resolve('large')).version, alias: '1.0.0' })
    expect(await awsRegistry(world).admin.resolve('large@1.0.0')).toMatchObject({
      config: { notes: 'n'.repeat(12_000) },
    })
  })

  test('for a head get less than 16 KiB, with every field of its versions at its limit', async () => {
    const { world, admin } = await freshWorld()
    const full = (text: string) => ({
      prompt_id: 'p',
      content: text,
      config: { notes: text.repeat(16_000) },
      variables: [text.repeat(16_000)],
      description: text.repeat(2048),
      tags: Array.from({ length: 50 }, (_, index) => `${index}${text.repeat(126)}`),
    })
    const { version } = await admin.push(full('a'))
    await admin.promote('p', { version })
    for (let index = 0; index < 20; index++)
      await admin.addAlias('p', { version, alias: `name-${index}`.padEnd(128, 'x') })
    await admin.push(full('b'))
    await admin.hold('p', { reason: 'r'.repeat(2000) })
    const cold = awsRegistry(world).admin
    expect((await cold.resolve('p')).config).toEqual({ notes: 'a'.repeat(16_000) })
    expect((await cold.resolve('p', { mode: 'dev' })).config).toEqual({ notes: 'b'.repeat(16_000) })
    const { Item } = await world.dynamodb.send(
      new GetItemCommand({ TableName: world.table, Key: keyRow(keyOf.head('p')) }),
    )
    expect(JSON.stringify(Item).length).toBeLessThan(16 * 1024)
  })

  test('for a resolve of a skill with 500 files are those of any other', async () => {
    const { world, admin } = await freshWorld()
    const files = Array.from({ length: 500 }, (_, index) => {
      const text = `file ${index}`
      return { path: `${'references/'.repeat(9)}${index}.md`, bytes: text.length, sha256: sha256(text), text }
    })
    const { version } = await admin.push({ prompt_id: 'p', content: 'text', front_matter: '', files })
    await admin.promote('p', { version })
    const cold = awsRegistry(world).admin
    expect(await callsOf(world, () => cold.resolve('p'))).toEqual({ GetItem: 1, GetObject: 1 })
    expect(await callsOf(world, () => cold.resolve('p'))).toEqual({ GetItem: 1 })
    const read = (at: number) => () => cold.folderFile('p', files[at]?.path ?? '')
    expect(await callsOf(world, read(7))).toEqual({ GetItem: 1, GetObject: 2 })
    expect(await callsOf(world, read(8))).toEqual({ GetItem: 1, GetObject: 1 })
    expect(await callsOf(world, read(8))).toEqual({ GetItem: 1 })
    const other = { ...files[0], text: 'other', bytes: 5, sha256: sha256('other') }
    const push = () =>
      admin.push({
        prompt_id: 'p',
        content: 'text',
        front_matter: '',
        files: [...files.slice(1), other as never],
      })
    expect((await callsOf(world, push)).PutObject).toBe(502)
  })

  test('for a pinned resolve are one read of several rows by label, and one more by alias', async () => {
    const { world, admin } = await freshWorld()
    const { version } = await admin.push({ prompt_id: 'p', content: 'one' })
    await admin.promote('p', { version, alias: '1.0.0' })
    const cold = awsRegistry(world).admin
    expect(await callsOf(world, () => cold.resolve(`p@${version}`))).toEqual({
      BatchGetItem: 1,
      GetObject: 1,
    })
    expect(await callsOf(world, () => cold.resolve(`p@${version}`))).toEqual({ BatchGetItem: 1 })
    expect(await callsOf(world, () => cold.resolve('p@v1'))).toEqual({ BatchGetItem: 1, GetItem: 1 })
    // A seeded row may have this very id.
    expect(await callsOf(world, () => cold.resolve('p@2').catch(() => undefined))).toEqual({
      BatchGetItem: 1,
      GetItem: 1,
      Query: 1,
    })
  })

  test('for a seeded prompt are two reads, and a check whether its object has changed', async () => {
    const { world, admin } = await freshWorld()
    await seed(world, 'p', { version: '1.0.0', text: 'one' })
    expect(await callsOf(world, () => admin.resolve('p'))).toEqual({ GetItem: 1, Query: 1, GetObject: 1 })
    expect(await callsOf(world, () => admin.resolve('p'))).toEqual({ GetItem: 1, Query: 1, GetObject: 1 })
    const object = world.proxy.calls.find(({ action }) => action === 'GetObject')
    expect(object).toMatchObject({ status: 304, bytes: 0 })
    expect(await callsOf(world, () => admin.resolve('p@1.0.0'))).toEqual({
      BatchGetItem: 1,
      Query: 1,
      GetObject: 1,
    })
    await admin.push({ prompt_id: 'p', content: 'two' })
    expect(await callsOf(world, () => admin.resolve('p'))).toEqual({ GetItem: 1 })
  })

  test('for a missing prompt are two reads', async () => {
    const { world, admin } = await freshWorld()
    expect(await callsOf(world, () => outcome(admin.resolve('p')))).toEqual({ GetItem: 1, Query: 1 })
  })

  test('for many references at once are one read', async () => {
    const { world, admin } = await freshWorld()
    const references = Array.from({ length: 20 }, (_, index) => `p${index}`)
    for (const prompt_id of references) {
      const { version } = await admin.push({ prompt_id, content: `text of ${prompt_id}` })
      await admin.promote(prompt_id, { version })
    }
    const cold = awsRegistry(world).admin
    const resolve = () => cold.resolveMany({ references })
    expect(await callsOf(world, resolve)).toEqual({ BatchGetItem: 1, GetObject: 20 })
    expect(await callsOf(world, resolve)).toEqual({ BatchGetItem: 1 })
  })

  test('for pages of a list are one query each, and one read of the adoption marker', async () => {
    const { world, admin, adoptSeeded } = await freshWorld()
    for (let index = 0; index < 5; index++) await admin.push({ prompt_id: `p${index}`, content: 'text' })
    await adoptSeeded({ actor: 'ada' })
    const cold = awsRegistry(world).admin
    const filtered = () => cold.list({ status: 'draft', limit: 2 })
    expect(await callsOf(world, filtered)).toEqual({ Query: 1, GetItem: 1 })
    expect(await callsOf(world, filtered)).toEqual({ Query: 1 })
    const first = await cold.list({ limit: 2 })
    expect(first.unadopted).toBeUndefined()
    const next = () => cold.list({ limit: 2, cursor: first.next_cursor ?? '' })
    expect(await callsOf(world, next)).toEqual({ Query: 1 })
    // Prompts seeded later are checked again, together, until one is found that still exists.
    for (const id of ['q', 'r', 's']) await seed(world, id, { version: '1.0.0', text: 'one' })
    await cold.resolveMany({ references: ['q', 'r', 's'] })
    expect(await callsOf(world, next)).toEqual({ Query: 2, BatchGetItem: 1 })
  })

  test('for an import of many prompts are at most two per prompt, with concurrent uploads', async () => {
    const { world, admin } = await freshWorld()
    const ids = Array.from({ length: 40 }, (_, index) => `team/p${index}`)
    world.proxy.reset()
    world.proxy.gather = 16
    const pushes = ids.map((prompt_id) => ({
      op: 'push' as const,
      prompt_id,
      content: `text of ${prompt_id}`,
    }))
    const pushed = await admin.batch({ operations: pushes })
    expect(pushed.outcomes.map(({ status }) => status)).toEqual(ids.map(() => 201))
    expect(world.proxy.calls.length).toBeLessThanOrEqual(2 * ids.length)
    // One write announces the day to readers of the feed.
    expect(countCalls(world)).toMatchObject({ PutObject: ids.length, BatchWriteItem: 1 })
    for (const id of ids) expect(await read(admin, id, 'dev')).toBe(`text of ${id}`)
  })

  test('cache only a limited amount of content', async () => {
    const { world, admin } = await freshWorld()
    const small = awsRegistry(world, { textCacheBytes: 2 * 1500 }).admin
    const ids = ['a', 'b', 'c']
    for (const prompt_id of ids) await admin.push({ prompt_id, content: prompt_id.repeat(1000) })
    const mode = 'dev'
    for (const id of ids) expect(await read(small, id, mode)).toBe(id.repeat(1000))
    expect(await callsOf(world, () => small.resolve('c', { mode }))).toEqual({ GetItem: 1 })
    expect(await callsOf(world, () => small.resolve('a', { mode }))).toEqual({ GetItem: 1, GetObject: 1 })
  })
})
