import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import type { Fault } from '../../../support/aws/proxy.ts'
import { awsRegistry, countCalls, foreignRows } from '../../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../../support/aws/world.ts'
import { outcome, read } from '../../../support/registry.ts'
import { scriptedPrompt } from '../../../support/registry-records.ts'

const HASTY = { random: () => 0, retries: { broken: 0 } }

/** A registry without pauses between retries, which retries a broken call once. */
async function hastyWorld() {
  const world = await makeWorld()
  onTestFinished(world.close)
  return { world, ...awsRegistry(world, HASTY) }
}

/** Refuses the first `times` calls of an action. */
function refuse(world: AwsWorld, action: string, fault: Fault, times: number): void {
  let left = times
  world.proxy.fault = (call) => (call.action === action && left-- > 0 ? fault : undefined)
}

describeOnAws('AWS under pressure', () => {
  const reads = ['GetItem', 'BatchGetItem', 'Query', 'GetObject']
  for (const action of [...reads, 'TransactWriteItems', 'PutObject']) {
    test(`is retried if it throttles ${action}, and is busy if that continues`, async () => {
      const { world, admin } = await hastyWorld()
      const { version } = await admin.push({ prompt_id: 'p', content: 'one' })
      const cold = awsRegistry(world, HASTY).admin
      const act = async () => {
        if (action === 'GetItem' || action === 'GetObject') return await cold.resolve('p', { mode: 'dev' })
        if (action === 'BatchGetItem') return await cold.resolve(`p@${version}`, { mode: 'dev' })
        if (action === 'Query') return await cold.list()
        return await admin.push({ prompt_id: 'p', content: `text ${Math.random()}` })
      }
      refuse(world, action, 'throttle', Number.POSITIVE_INFINITY)
      world.proxy.reset()
      expect(await outcome(act())).toBe('busy')
      const attempts = countCalls(world)[action] ?? 0
      expect(attempts).toBeGreaterThan(3)
      expect(attempts).toBeLessThan(20)
      refuse(world, action, 'throttle', 3)
      expect(await outcome(act())).toBe('done')
    })
  }

  test('is retried if transactions conflict, and is busy if that continues', async () => {
    const { world, admin } = await hastyWorld()
    refuse(world, 'TransactWriteItems', 'conflict', 3)
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'one' }))).toBe('done')
    refuse(world, 'TransactWriteItems', 'conflict', Number.POSITIVE_INFINITY)
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'two' }))).toBe('busy')
    expect(await read(admin, 'p', 'dev')).toBe('one')
  })

  test('that cannot be reached is unavailable, with the cause only in the log', async () => {
    const { world, admin } = await hastyWorld()
    world.proxy.fault = () => 'break'
    const failure = await admin.resolve('p').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'unavailable', cause: expect.any(Error) })
    expect(String(failure)).not.toMatch(/127\.0\.0\.1|ECONN|socket/)
  })

  test('groups writes of several prompts, and a refused one does not fail the others', async () => {
    const { world, prompts } = await hastyWorld()
    const scripts = Array.from({ length: 6 }, (_, index) => scriptedPrompt(`p${index}`))
    for (const script of scripts) expect(await prompts.commit(script.push('first'))).toBe(true)
    const stale = [1, 4]
    const other = awsRegistry(world).prompts
    for (const index of stale) await other.commit(scripts[index]?.fork().push('faster') ?? fail())
    world.proxy.reset()
    const done = await Promise.all(
      scripts.map((script) => prompts.commit(script.amend({ events: ['held'] }))),
    )
    expect(done).toEqual(scripts.map((_, index) => !stale.includes(index)))
    // All six, and then the four valid ones.
    expect(countCalls(world).TransactWriteItems).toBe(2)
    for (const [index, script] of scripts.entries()) {
      const head = (await prompts.snapshot(script.id))?.head
      if (!stale.includes(index)) expect(head).toEqual(script.head())
    }
  })

  test('recognises each write of a group if the response was lost', async () => {
    const world = await makeWorld()
    onTestFinished(world.close)
    const { prompts } = awsRegistry(world)
    const scripts = Array.from({ length: 4 }, (_, index) => scriptedPrompt(`p${index}`))
    for (const script of scripts) await prompts.commit(script.push('text'))
    refuse(world, 'TransactWriteItems', 'drop', 1)
    const done = await Promise.all(
      scripts.map((script) => prompts.commit(script.amend({ events: ['held'] }))),
    )
    expect(done).toEqual(scripts.map(() => true))
    for (const script of scripts) expect((await prompts.snapshot(script.id))?.head).toEqual(script.head())
  })

  test('recognises a write whose response was lost, even if the client does not retry', async () => {
    const { world, prompts } = await hastyWorld()
    const script = scriptedPrompt('p')
    refuse(world, 'TransactWriteItems', 'drop', 1)
    expect(await prompts.commit(script.push('text'))).toBe(true)
    refuse(world, 'TransactWriteItems', 'break', 1)
    expect(await outcome(prompts.commit(script.fork().push('other')))).toBe('unavailable')
    expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
  })

  test('refuses a change that does not fit into one transaction, and writes nothing', async () => {
    const { world, prompts } = await hastyWorld()
    const script = scriptedPrompt('p')
    await prompts.commit(script.push('text', { version: 'a' }))
    const names = Array.from({ length: 120 }, (_, n) => ({
      key: `n${n}`,
      name: `n${n}`,
      version: 'a',
      identity: script.version('a').identity,
      release: null,
    }))
    expect(await outcome(prompts.commit(script.fork().amend({ names })))).toBe('too_large')
    world.proxy.fault = null
    expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
    expect((await prompts.find('p', { names: ['n0'] })).byName.size).toBe(0)
  })

  test('revokes content under more labels than fit into one transaction, the stable one first', async () => {
    const { world, admin, prompts } = await hastyWorld()
    const script = scriptedPrompt('p')
    await prompts.commit(script.push('good', { version: 'good' }))
    await prompts.commit(script.promote('good'))
    const labels = Array.from({ length: 50 }, (_, index) => `bad-${index}`)
    for (const label of labels) await prompts.commit(script.push('bad', { version: label }))
    await prompts.commit(script.promote('bad-49'))
    const expected_revision = script.head().revision
    const answer = await admin.revoke('p', { version: 'bad-3', expected_revision })
    expect(answer).toMatchObject({ changed: true, status: 'revoked', stable: 'good', version: 'bad-3' })
    expect([...answer.revoked].sort()).toEqual([...labels].sort())
    expect(answer.revision).toBe(expected_revision + 51)
    const rows = await foreignRows(world, 'p')
    expect(rows.filter(({ status }) => status === 'revoked')).toHaveLength(50)
    expect(rows.filter(({ status }) => status === 'stable')).toMatchObject([{ version: 'good' }])
    expect(await admin.revoke('p', { version: 'bad-3' })).toMatchObject({ changed: false })
  })

  test.each([
    ['deleted', undefined],
    ['seeded again', { status: { S: 'stable' }, s3_key: { S: 'p/2.0.0.txt' } }],
    ['broken', { schema: { N: '1' }, record: { S: '{' } }],
  ])('keeps a revocation if the row of the version is %s', async (_, attributes) => {
    const { world, admin } = await hastyWorld()
    for (const version of ['1.0.0', '2.0.0']) {
      await admin.push({ prompt_id: 'p', content: `text of ${version}`, version })
      await admin.promote('p', { version })
    }
    await admin.revoke('p', { version: '2.0.0' })
    await admin.push({ prompt_id: 'p', content: 'text of 3.0.0', version: '3.0.0' })
    const Key = { prompt_key: { S: 'p' }, version: { S: '2.0.0' } }
    const { dynamodb } = world.direct
    await dynamodb.send(new DeleteItemCommand({ TableName: world.table, Key }))
    if (attributes !== undefined)
      await dynamodb.send(new PutItemCommand({ TableName: world.table, Item: { ...Key, ...attributes } }))
    const cold = awsRegistry(world).admin
    expect(await outcome(cold.push({ prompt_id: 'p', content: 'text of 2.0.0' }))).toBe('revoked')
    expect(await outcome(cold.push({ prompt_id: 'p', content: 'text of 2.0.0', version: '4.0.0' }))).toBe(
      'revoked',
    )
    expect(await outcome(cold.promote('p', { version: '2.0.0' }))).not.toBe('done')
    expect(await outcome(cold.rollback('p', { version: '2.0.0' }))).not.toBe('done')
    expect(await read(cold, 'p')).toBe('text of 1.0.0')
    const { versions } = await cold.versions('p')
    expect(versions.find(({ version }) => version === '2.0.0')?.status).toBe('revoked')
  })

  test('still works if another tool deleted the row of a version that it once seeded', async () => {
    const { world, admin } = await hastyWorld()
    for (const version of ['1.0.0', '2.0.0']) {
      await admin.push({ prompt_id: 'p', content: `text of ${version}`, version })
      await admin.promote('p', { version })
    }
    for (const version of ['1.0.0', '2.0.0']) {
      const Key = { prompt_key: { S: 'p' }, version: { S: version } }
      await world.direct.dynamodb.send(new DeleteItemCommand({ TableName: world.table, Key }))
    }
    const cold = awsRegistry(world).admin
    expect(await read(cold, 'p')).toBe('text of 2.0.0')
    expect(await read(cold, 'p@1.0.0')).toBe('not_found')
    expect((await cold.versions('p')).versions).toEqual([])
    const { version } = await cold.push({ prompt_id: 'p', content: 'text of 1.0.0' })
    await cold.promote('p', { version, alias: '3.0.0' })
    expect((await foreignRows(world, 'p')).map((row) => [row.version, row.status])).toEqual([
      ['2.0.0', 'deprecated'],
      [version, 'stable'],
    ])
  })
})

function fail(): never {
  throw new Error('no such script')
}
