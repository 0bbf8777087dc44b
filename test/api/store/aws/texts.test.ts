import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { awsRegistry, foreignRows, objectKeys, putText, seed, textAt } from '../../../support/aws/registry.ts'
import { makeWorld } from '../../../support/aws/world.ts'
import { outcome, read } from '../../../support/registry.ts'

async function freshWorld() {
  const world = await makeWorld()
  onTestFinished(world.close)
  return { world, ...awsRegistry(world) }
}

const push = (content: string, version: string) => ({ prompt_id: 'team/p', content, version })

describeOnAws('texts', () => {
  test("are stored under the platform's keys, for any label", async () => {
    const { world, admin } = await freshWorld()
    const labels = ['1.0.0', '1.0.0-rc.1+build.5', 'a_b.C']
    for (const version of labels) await admin.push(push(`text of ${version}`, version))
    const rows = await foreignRows(world, 'team/p')
    expect(rows.map(({ version, s3_key }) => [version, s3_key])).toEqual(
      labels.map((version) => [version, `team/p/${version}.txt`]),
    )
    const cold = awsRegistry(world).admin
    for (const version of labels) {
      expect(await textAt(world, `team/p/${version}.txt`)).toBe(`text of ${version}`)
      expect(await read(cold, `team/p@${version}`, 'dev')).toBe(`text of ${version}`)
    }
  })

  test('never replace other content, and use a key with their hash instead', async () => {
    const { world, admin } = await freshWorld()
    await putText(world, 'team/p/1.0.0.txt', 'somebody else’s')
    await admin.push(push('ours', '1.0.0'))
    expect(await textAt(world, 'team/p/1.0.0.txt')).toBe('somebody else’s')
    const [row] = await foreignRows(world, 'team/p')
    expect(row?.s3_key).toMatch(/^team\/p\/1\.0\.0\.[0-9a-f]{64}\.txt$/)
    expect(await textAt(world, row?.s3_key ?? '')).toBe('ours')
    expect(await read(awsRegistry(world).admin, 'team/p@1.0.0', 'dev')).toBe('ours')
  })

  test('reuse an existing object with the same content', async () => {
    const { world, admin } = await freshWorld()
    await putText(world, 'team/p/1.0.0.txt', 'ours')
    await admin.push(push('ours', '1.0.0'))
    expect(await objectKeys(world)).toEqual(['team/p/1.0.0.txt'])
  })

  test('are not served once their object has other content', async () => {
    const { world, admin } = await freshWorld()
    await admin.push(push('ours', '1.0.0'))
    await putText(world, 'team/p/1.0.0.txt', 'tampered')
    const failure = await awsRegistry(world)
      .admin.resolve('team/p', { mode: 'dev' })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('team/p/1.0.0.txt'),
    })
  })

  test('pushed twice at once under one label become one version, and nothing is lost', async () => {
    const { world, admin } = await freshWorld()
    const other = awsRegistry(world).admin
    const outcomes = await Promise.all([
      outcome(admin.push(push('mine', '1.0.0'))),
      outcome(other.push(push('yours', '1.0.0'))),
    ])
    expect([...outcomes].sort()).toEqual(['done', 'version_exists'])
    const winner = outcomes[0] === 'done' ? 'mine' : 'yours'
    expect(await read(awsRegistry(world).admin, 'team/p@1.0.0', 'dev')).toBe(winner)
  })

  test('of a seeded object that is not UTF-8 are reported', async () => {
    const { world, admin } = await freshWorld()
    await seed(world, 'p', { version: '1.0.0', text: null })
    const Body = Uint8Array.of(0x66, 0xff, 0xfe)
    await world.direct.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key: 'p/1.0.0.txt', Body }))
    const failure = await admin.resolve('p').catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('UTF-8') })
  })
})
