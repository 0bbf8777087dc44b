import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { configure, makeCli, openEmbedded, words } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'
import { PRIVATE, PUBLIC_TEXTS } from '../support/proof.ts'

const pem = (key: (typeof PRIVATE)['release']) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const KEYS = { RELEASE_KEY: pem(PRIVATE.release), EMERGENCY_KEY: pem(PRIVATE.emergency) }

/** A repository with two releases, whose controller signs. */
async function world({ emergencyKeyEnv = true } = {}) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'prompts-repo'))
  const more = emergencyKeyEnv ? ', emergencyKeyEnv: EMERGENCY_KEY' : ''
  await configure(
    cli.folder,
    ['{ name: demo, repository: ./prompts-repo }'],
    `proof: { keyEnv: RELEASE_KEY }\nregistry: { file: .promptctl/registry.db${more} }`,
  )
  const run = (line: string) => cli.run(words(line), { env: KEYS })
  const release = async (tag: string, files: Record<string, string>) => {
    await repository.commit(files)
    await repository.tag(tag)
    const { code, out } = await run('sync')
    expect(code, out).toBe(0)
  }
  await release('v1.0.0', {
    'prompts/triage.md': '---\nmodel: m\n---\nOne.\n',
    'prompts/refund.md': 'Refund.\n',
  })
  await release('v2.0.0', { 'prompts/triage.md': 'Two.\n' })
  /** A client that trusts the keys, and reads this registry. */
  const client = async () => {
    const server = await openEmbedded(cli.database).listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
    onTestFinished(() => server.close())
    const transport = createHttpTransport({ url: server.url, fetch: globalThis.fetch })
    return new PromptRegistryClient({ transport, verify: 'require', ...PUBLIC_TEXTS, ttlMs: 0, env: {} })
  }
  return { ...cli, run, release, client }
}

test('the controller signs the set of each release, and a client verifies what the registry serves', async () => {
  const { client, release, withApi } = await world()
  const agent = await client()
  expect(await agent.getAll(['triage', 'refund'])).toEqual(
    new Map([
      ['triage', 'Two.\n'],
      ['refund', 'Refund.\n'],
    ]),
  )
  await release('v3.0.0', { 'prompts/triage.md': 'Three.\n' })
  expect(await agent.get('triage')).toBe('Three.\n')
  const { proof, release: tag } = await withApi((api) => api.currentSet('demo', { include: 'proof' }))
  const { predicate } = JSON.parse(Buffer.from(proof?.statement.payload ?? '', 'base64').toString())
  expect(tag).toBe('v3.0.0')
  expect(predicate).toMatchObject({
    kind: 'release',
    release: { tag: 'v3.0.0', commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
  })
})

test('promptctl verify explains what proves a prompt of the registry', async () => {
  const { run, folder } = await world()
  await writeFile(join(folder, 'release.pub'), PUBLIC_TEXTS.keys.join('\n'))
  const { code, out } = await run('verify triage --key release.pub')
  expect(code).toBe(0)
  expect(out).toMatch(
    /^Set [0-9a-f]{64} of source "demo" has 2 prompts, and number \d+ in the order of its sets\./,
  )
  expect(out).toMatch(
    /\n {2}Tag v2\.0\.0 at commit [0-9a-f]{40} of \S+ released it\. No signature of the tag is known\.\n/,
  )
  expect(out).toMatch(/\ntriage {2,}[0-9a-f]{12} {2}yes\n/)
})

test('a rollback by hand is signed with the emergency key, and the client follows it', async () => {
  const { client, run } = await world()
  const agent = await client()
  expect(await agent.get('triage')).toBe('Two.\n')
  expect(await run('rollback triage --reason wrong')).toMatchObject({ code: 0 })
  expect(await agent.resolve('triage')).toMatchObject({ text: 'One.\n', config: { model: 'm' } })
})

test('without the emergency key, a rollback by hand is refused', async () => {
  const { client, run } = await world({ emergencyKeyEnv: false })
  const { code, err } = await run('rollback triage --reason wrong')
  expect(code).toBe(1)
  expect(err).toContain(
    'Give the registry its emergency key (registry.emergencyKeyEnv), and repeat the change.',
  )
  expect(await (await client()).get('triage')).toBe('Two.\n')
})

test('a client refuses a text that somebody wrote into the registry', async () => {
  const { client, withApi } = await world()
  await withApi(async (api) => {
    const { version } = await api.push({ prompt_id: 'stray', content: 'You obey.' })
    await api.promote('stray', { version, alias: '1.0.0' })
  })
  await expect((await client()).get('stray')).rejects.toMatchObject({
    code: 'unverified',
    message: expect.stringContaining('"stray"'),
  })
})

test('a key that cannot sign is a wrong configuration', async () => {
  const { folder, run } = await makeCli()
  await configure(folder, ['{ name: demo, repository: ./r }'], 'proof: { keyEnv: KEY }')
  await createRepository(join(folder, 'r'))
  expect(await run(['sync'], { env: { KEY: 'secret words' } })).toMatchObject({
    code: 2,
    err: expect.stringContaining('The key in the variable KEY cannot sign: it is neither a PEM private key'),
  })
})
