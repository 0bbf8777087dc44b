import { join } from 'node:path'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { describeOnAws } from '../../support/aws/moto.ts'
import { awsRegistry, callsOf, copyOf, objectKeys, seed } from '../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../support/aws/world.ts'
import { makeController } from '../../support/controller.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { rowsOf, withHistory } from './backed-up-registry.ts'
import { makeCli, words } from './cli-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describeOnAws('backup and restore of a registry on AWS', () => {
  test('a registry that went from a file to AWS and back has every row', async () => {
    const { run, database, folder } = await withHistory()
    const before = rowsOf(database)
    const { world, names } = await emptyWorld()
    await run(words('backup file.tar.gz'))
    const restored = await run([...words('restore file.tar.gz'), ...names])
    expect([restored.code, restored.err]).toEqual([0, ''])
    expect(restored.out).toMatch(
      new RegExp(`^Restored 4 prompts and \\d+ events as of .* to the table ${world.table}\\.`),
    )

    const back = await run([...words('backup aws.tar.gz'), ...names])
    expect([back.code, back.err]).toEqual([0, ''])
    const other = await makeCli()
    expect((await other.run(['restore', join(folder, 'aws.tar.gz')])).code).toBe(0)
    expect(rowsOf(other.database)).toEqual(before)
  })

  test('the next pass on AWS changes nothing, and what git does not keep is there', async () => {
    const { run, repository } = await withHistory()
    const { world, names } = await emptyWorld()
    await run(words('backup file.tar.gz'))
    await run([...words('restore file.tar.gz'), ...names])
    const before = await copyOf(world)
    const api = awsRegistry(world).admin
    const controller = makeController({
      folder: await scratchFolder(),
      repository: repository.path,
      source: { name: 's' },
    })
    const report = await controller.sync({ api })
    expect(report).toMatchObject({ result: 'unchanged' })
    expect(await copyOf(world)).toEqual(before)
    await expect(api.resolve('a@1.1.0', {})).rejects.toMatchObject({ code: 'revoked' })
    await expect(api.resolve('old', {})).rejects.toMatchObject({ code: 'gone' })
    expect((await api.list({ prefix: 'b' })).prompts[0]?.hold).toMatchObject({ kind: 'until_lifted' })
    expect((await api.resolve('a@1.0.0', {})).content).toBe('one')
    const isRevoked = (version?: string) => version?.startsWith('revoked#') === true
    const copies = before.rows.filter((row) => row.prompt_key?.S === '#prompt#a' && isRevoked(row.version?.S))
    expect(copies).toHaveLength(1)
  })

  test('a table that went to a file and back answers the same, adopted and lost versions included', async () => {
    const { world, names } = await emptyWorld()
    await seed(world, 'seeded', { version: '1.0.0', text: 'seeded' }, { version: '0.9.0', text: null })
    const { admin, adoptSeeded } = awsRegistry(world)
    await adoptSeeded({ actor: 'ada' })
    // Many events of one millisecond, which the feed orders by prompt.
    for (const id of ['p/one', 'p/two', 'p/three']) {
      const { version } = await admin.push({
        prompt_id: id,
        content: `${id} é\t`,
        front_matter: '---\ntags: [x]\n---\n',
      })
      await admin.promote(id, { version, alias: '1.0.0' })
    }
    // Another program adds a version to an adopted prompt.
    await seed(world, 'seeded', { version: '1.1.0', text: 'added', status: 'draft' })
    const before = await everything(world)
    const { run, folder } = await makeCli()
    expect(await run([...words('backup a.tar.gz'), ...names])).toMatchObject({ code: 0, err: '' })

    const other = await emptyWorld()
    expect(await run([...words('restore a.tar.gz'), ...other.names])).toMatchObject({ code: 0, err: '' })
    expect(await everything(other.world)).toEqual(before)
    expect(await run([...words('backup b.tar.gz'), ...other.names])).toMatchObject({ code: 0 })
    const [a, b] = [await makeCli(), await makeCli()]
    await a.run(['restore', join(folder, 'a.tar.gz')])
    await b.run(['restore', join(folder, 'b.tar.gz')])
    expect(rowsOf(b.database)).toEqual(rowsOf(a.database))
  })

  test('a table that is not empty is refused, except for the mark of an adoption', async () => {
    const { run } = await withHistory()
    await run(words('backup file.tar.gz'))
    const { world, names } = await emptyWorld()
    await awsRegistry(world).adoptSeeded({ actor: 'ada' })
    expect(await run([...words('restore file.tar.gz --dry-run'), ...names])).toMatchObject({ code: 0 })
    await seed(world, 'other', { version: '1.0.0', text: 'other' })
    const before = await copyOf(world)
    const { code, err } = await run([...words('restore file.tar.gz'), ...names])
    expect([code, err]).toEqual([1, expect.stringContaining(`The table ${world.table} is not empty.`)])
    expect(await copyOf(world)).toEqual(before)
  })

  test('an interrupted restore shows no incomplete prompt, and is completed by repeating it', async () => {
    const { run, database } = await withHistory()
    await run(words('backup file.tar.gz'))
    const { world, names } = await emptyWorld()
    world.proxy.reset()
    let batches = 0
    world.proxy.fault = ({ action }) => (action === 'BatchWriteItem' && ++batches > 2 ? 'fail' : undefined)
    expect(await run([...words('restore file.tar.gz'), ...names])).toMatchObject({ code: 1 })
    world.proxy.fault = null
    expect((await awsRegistry(world).admin.list({})).prompts).toEqual([])
    const other = await withHistory()
    await other.run(words('backup other.tar.gz'))
    expect(await other.run([...words('restore other.tar.gz'), ...names])).toMatchObject({ code: 1 })
    expect(await run([...words('restore file.tar.gz'), ...names])).toMatchObject({ code: 0 })
    await run([...words('backup aws.tar.gz'), ...names])
    const before = rowsOf(database)
    await run(words('restore aws.tar.gz --replace'))
    expect(rowsOf(database)).toEqual(before)
  })

  test('what a backup lacks is named, and the rest is in it', async () => {
    const { world, names } = await emptyWorld()
    const { admin } = awsRegistry(world)
    for (const id of ['whole', 'lost']) await admin.push({ prompt_id: id, content: id })
    await seed(world, 'seeded', { version: '1.0.0', text: 'seeded' })
    const [key = ''] = (await objectKeys(world)).filter((name) => name.startsWith('lost/'))
    await world.direct.s3.send(new DeleteObjectCommand({ Bucket: world.bucket, Key: key }))
    const { run } = await makeCli()
    const { code, out, err } = await run([...words('backup a.tar.gz'), ...names])
    expect([code, out]).toEqual([1, expect.stringContaining('Backed up 2 prompts, 2 versions')])
    expect(err.split('\n').toSorted()).toEqual([
      '',
      expect.stringMatching(/^Left out: lost: The object "lost\/.*" is missing/),
      expect.stringMatching(
        /^Left out: seeded: It was seeded, and nobody adopted it\. Run ".*adopt" first\.$/,
      ),
    ])
  })

  test('each prompt costs two queries and one object, whatever else there is', async () => {
    const { run } = await makeCli()
    const callsFor = async (prompts: number) => {
      const { world, names } = await emptyWorld()
      const { admin } = awsRegistry(world)
      const operations = Array.from({ length: prompts }, (_, index) => ({
        ...{ op: 'push' as const, prompt_id: `p${index}`, content: `text ${index}` },
      }))
      await admin.batch({ operations })
      return await callsOf(world, () => run([...words(`backup ${prompts}.tar.gz`), ...names]))
    }
    const [few, many] = [await callsFor(5), await callsFor(15)]
    expect([Number(many.Query) - Number(few.Query), many.GetObject]).toEqual([20, 15])
  })

  test('needs both names', async () => {
    const { run } = await makeCli()
    expect(await run(words('backup --table prompts'))).toMatchObject({ code: 2 })
  })
})

/** What the API answers about everything. */
async function everything(world: AwsWorld) {
  const { admin } = awsRegistry(world)
  const { prompts } = await admin.list({})
  const details = prompts.map(async ({ prompt_id: id }) => {
    const listed = await admin.versions(id, {})
    // A version of another program gets its number when it is copied.
    const versions = listed.versions.toSorted((a, b) => (a.version < b.version ? -1 : 1))
    const texts = versions.map(({ version }) =>
      admin.resolve(`${id}@${version}`, { mode: 'dev', front_matter: 'true' }).catch(({ code }) => code),
    )
    return { versions, texts: await Promise.all(texts), events: await admin.events(id, {}) }
  })
  const { events } = await admin.feed({})
  return { prompts, details: await Promise.all(details), events }
}

async function emptyWorld(): Promise<{ world: AwsWorld; names: string[] }> {
  const world = await makeWorld()
  onTestFinished(world.close)
  vi.stubEnv('AWS_ENDPOINT_URL', world.proxy.url)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  return { world, names: ['--table', world.table, '--bucket', world.bucket] }
}
