import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, expect, test, vi } from 'vitest'
import { describeOnAws, moto } from '../../support/aws/moto.ts'
import { asPreview } from '../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../support/aws/world.ts'
import { makeCli } from './cli-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describeOnAws('promptctl adopt', () => {
  test('lists seeded prompts, prints their number, and finds nothing the second time', async () => {
    const world = await seededWorld()
    const { run } = await makeCli()
    const names = ['--table', world.table, '--bucket', world.bucket]
    expect(await run(['adopt', ...names])).toMatchObject({ code: 0, out: '2 prompts were adopted.\n' })
    const { items } = await world.open().prompts.page<'prompts'>({ of: 'prompts', limit: 10 })
    expect(items.map(({ head }) => [head.promptId, head.stable])).toEqual([
      ['greeting', '1.0.0'],
      ['triage', '1.0.0'],
    ])
    const again = await run(['adopt', ...names, '-o', 'json'])
    expect(JSON.parse(again.out)).toEqual({ adopted: [], refused: [] })
    await world.close()
  })

  test('--dry-run shows what would be adopted, and changes nothing', async () => {
    const world = await seededWorld()
    const { run } = await makeCli()
    const names = ['--table', world.table, '--bucket', world.bucket]
    const rows = async () =>
      (await world.direct.dynamodb.send(new ScanCommand({ TableName: world.table }))).Items
    const before = await rows()
    expect(await run(['adopt', ...names, '--dry-run'])).toMatchObject({
      code: 0,
      out: 'Dry run, nothing was changed; otherwise: 2 prompts were adopted.\n',
    })
    expect(await rows()).toEqual(before)
    expect(await run(['adopt', ...names, '--dry-run', '--reset'])).toMatchObject({ code: 2 })
    expect(await run(['adopt', ...names])).toMatchObject({ out: '2 prompts were adopted.\n' })
    await world.close()
  })

  test('takes away what a preview wrote if it is asked to, and nothing the second time', async () => {
    const world = await seededWorld()
    const { run } = await makeCli()
    const names = ['--table', world.table, '--bucket', world.bucket]
    await run(['adopt', ...names])
    await asPreview(world)
    const reset = await run(['adopt', ...names, '--reset'])
    expect(reset).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^[1-9]\d* rows of a preview were removed\.\n2 prompts were adopted\.\n$/),
    })
    const again = await run(['adopt', ...names, '--reset', '-o', 'json'])
    expect(again.json()).toEqual({ adopted: [], refused: [], reset_rows: 0 })
    const { items } = await world.open().prompts.page<'prompts'>({ of: 'prompts', limit: 10 })
    expect(items.map(({ head }) => head.promptId)).toEqual(['greeting', 'triage'])
    await world.close()
  })

  test('requires the names of the table and the bucket', async () => {
    const { run } = await makeCli()
    expect(await run(['adopt', '--table', 'prompts'])).toMatchObject({ code: 2 })
  })
})

async function seededWorld(): Promise<AwsWorld> {
  const world = await makeWorld()
  const { port } = await moto()
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  for (const id of ['triage', 'greeting']) {
    const key = `${id}/1.0.0.txt`
    await world.direct.s3.send(
      new PutObjectCommand({ Bucket: world.bucket, Key: key, Body: `text of ${id}` }),
    )
    const row = { prompt_key: id, version: '1.0.0', status: 'stable', s3_key: key }
    const Item = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, { S: value }]))
    await world.direct.dynamodb.send(new PutItemCommand({ TableName: world.table, Item }))
  }
  return world
}
