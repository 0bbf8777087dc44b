import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PromptRegistryClient } from '../../../client/node-client.ts'
import { makeCli } from './cli-under-test.ts'

const key = generateKeyPairSync('ed25519').privateKey
const pem = (one: KeyObject) => one.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = (one: KeyObject) => createPublicKey(one).export({ type: 'spki', format: 'pem' }).toString()

/** A registry with released prompts of two sources, and files with the keys. */
async function world() {
  const cli = await makeCli()
  await cli.withApi(async (api) => {
    const release = async (source: string, id: string, fields: object) => {
      const { version } = await api.push({
        prompt_id: id,
        content: `Text of ${id}.\n`,
        origin: { source },
        ...fields,
      })
      await api.promote(id, { version, alias: '1.0.0', source })
    }
    const additions = { description: 'Of the layout' }
    await release('support', 'support/triage', { front_matter: '---\nmodel: m\n---\n', additions })
    await release('support', 'support/plain', { front_matter: '' })
    await release('sales', 'sales/offer', { config: { model: 'm' }, tags: ['t'] })
    await api.push({ prompt_id: 'loose', content: 'Nobody owns it.' })
  })
  await writeFile(join(cli.folder, 'release.key'), pem(key))
  await writeFile(join(cli.folder, 'release.pub'), publicPem(key))
  return cli
}

test('a signed bundle is verified with the chain in words', async () => {
  const { run } = await world()
  const signed = await run(['export', '--bundle', 'p.bundle', '--sign', 'release.key'])
  expect(signed).toMatchObject({ code: 0, out: '3 exported\n', err: '' })
  const { code, out, err } = await run(['verify', 'p.bundle', '--key', 'release.pub'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(
    /^Set [0-9a-f]{64} of source "sales" has 1 prompt, and number \d+ in the order of its sets\.\n/,
  )
  expect(out).toContain('  It was signed by hand, and names no tag.\n')
  expect(out).toMatch(/\n {2}The release key SHA256:\S+ signed it\.\n/)
  expect(out).toMatch(/\nsupport\/triage {2}[0-9a-f]{12} {2}yes\n/)
})

test('an exported folder is verified, and the client serves it without a registry', async () => {
  const { run, folder } = await world()
  await run(['export', '--dir', 'prompts', '--sign', 'release.key'])
  expect((await run(['verify', 'prompts', '--key', 'release.pub'])).code).toBe(0)
  const client = new PromptRegistryClient({
    localDir: join(folder, 'prompts'),
    verify: 'require',
    keys: [publicPem(key)],
    env: {},
  })
  expect(await client.resolve('support/triage')).toMatchObject({
    text: 'Text of support/triage.\n',
    description: 'Of the layout',
    config: { model: 'm' },
    tier: 'local',
  })
  expect(await client.resolve('sales/offer')).toMatchObject({ config: { model: 'm' }, tags: ['t'] })
  await writeFile(join(folder, 'prompts/support/plain.txt'), 'You obey.\n')
  await expect(client.get('support/plain')).rejects.toMatchObject({
    code: 'unverified',
    message: expect.stringContaining('but the signed set of source "support" has version'),
  })
})

test('what was changed is named, and the exit code is 1', async () => {
  const { run, folder } = await world()
  await run(['export', '--dir', 'prompts', '--sign', 'release.key'])
  await writeFile(join(folder, 'prompts/support/plain.txt'), 'You obey.\n')
  const { code, out } = await run(['verify', 'prompts', '--key', 'release.pub'])
  expect(code).toBe(1)
  expect(out).toMatch(/support\/plain {3}- +no: The file of "support\/plain" is version [0-9a-f]{12}, but/)
  const report = (await run(['verify', 'prompts', '--key', 'release.pub', '-o', 'json'])).json<{
    sets: { problem: null; source: string }[]
    prompts: { reference: string; problem: string | null }[]
  }>()
  expect(report.sets.map(({ source }) => source)).toEqual(['sales', 'support'])
  expect(report.prompts.filter(({ problem }) => problem !== null).map(({ reference }) => reference)).toEqual([
    'support/plain',
  ])
})

test('another key proves nothing', async () => {
  const { run, folder } = await world()
  await writeFile(join(folder, 'other.pub'), publicPem(generateKeyPairSync('ed25519').privateKey))
  await run(['export', '--bundle', 'p.bundle', '--sign', 'release.key'])
  const { code, out } = await run(['verify', 'p.bundle', '--key', 'other.pub'])
  expect(code).toBe(1)
  expect(out).toContain('A set is not proven. The statement of a set is not signed by any of the given keys')
})

test('a bundle without a signature proves nothing', async () => {
  const { run } = await world()
  await run(['export', '--bundle', 'p.bundle'])
  const { code, out } = await run(['verify', 'p.bundle', '--key', 'release.pub'])
  expect(code).toBe(1)
  expect(out).toContain('There is no signed set.')
  expect(out).toContain('no: There is no signed statement that proves "support/triage".')
})

test.for([
  [['export', '--bundle', 'b', '--sign', 'release.pub'], 1, 'release.pub cannot sign: it is a public key'],
  [['export', '--bundle', 'b', '--sign', 'nowhere.key'], 2, 'Cannot read nowhere.key'],
  [
    ['export', '--bundle', 'b', '--sign', 'release.key', '--mode', 'dev'],
    2,
    '--sign signs released versions',
  ],
  [
    ['export', '--bundle', 'b', '--sign', 'release.key', 'adrift'],
    1,
    '"adrift" cannot be signed, because no source',
  ],
  [['verify', 'nowhere', '--key', 'release.pub'], 1, 'Prompt "nowhere" was not found'],
  [['verify', '.', '--key', 'release.pub'], 1, 'has no prompts.json'],
  [['verify', 'release.pub', '--key', 'release.pub'], 1, 'is not a bundle that promptctl export wrote'],
  [['verify', 'b'], 2, "required option '--key <file>' not specified"],
  [['verify', 'b', '--key', 'release.key'], 1, 'release.key cannot verify anything: it is a private key'],
] as const)('"promptctl %s" fails with a reason', async ([args, code, sentence]) => {
  const { run, withApi } = await world()
  await withApi(async (api) => {
    const { version } = await api.push({ prompt_id: 'adrift', content: 'Nobody owns it.' })
    await api.promote('adrift', { version, alias: '1.0.0' })
  })
  const ran = await run(args)
  expect(ran.err).toContain(sentence)
  expect(ran.code).toBe(code)
})

test('the private key is in nothing that is written', async () => {
  const { run, folder } = await world()
  await run(['export', '--bundle', 'p.bundle', '--sign', 'release.key', 'support/plain'])
  const secret = pem(key).split('\n')[1] as string
  expect(await readFile(join(folder, 'p.bundle'), 'utf8')).not.toContain(secret)
})
