import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { createRepository } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'
import { startServing } from '../support/serving.ts'
import { DELIVERIES, type Delivery, githubDelivery, githubPayloads } from '../support/webhook-deliveries.ts'

const SECRET = 'kept-between-the-two-of-us'
const TOKEN = 'token-of-the-controller'

async function deliver(url: string, { headers, body }: Delivery) {
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
  return { status: response.status, text: await response.text() }
}

function push(secret: string): Delivery {
  return githubDelivery('push', githubPayloads('push')[0], secret)
}

/** A repository with two sources that look once an hour, of which one has a webhook. */
async function setUp(registry: string) {
  const folder = await scratchFolder()
  const repository = await createRepository(join(folder, 'repo'))
  await repository.commit({ 'prompts/triage.md': 'one\n', 'more/reply.md': 'first\n' })
  await writeFile(
    join(folder, 'promptctl.yaml'),
    `${registry}
sources:
  - { name: hooked, repository: ./repo, schedule: 1h, webhook: { host: github, secretEnv: HOOK_SECRET, nextSecretEnv: NEXT_SECRET } }
  - { name: quiet, repository: ./repo, schedule: 1h, directories: [more] }
`,
  )
  return { folder, repository }
}

const addressOf = (out: string) =>
  /Webhooks for hooked from GitHub: (http:\S+\/webhooks\/hooked)\n/.exec(out)?.[1] ?? ''

test('a signed delivery makes a commit visible at once, to every source of the repository', async () => {
  const { folder, repository } = await setUp('registry: { file: registry.db }')
  const serving = startServing(folder, ['--port', '0'], { HOOK_SECRET: SECRET })
  const hook = addressOf(await serving.until(/hooked: synced(.|\n)*quiet: synced at/))
  const registry = new URL(hook).origin
  expect(await (await fetch(`${registry}/prompts/triage?mode=dev`)).json()).toMatchObject({
    content: 'one\n',
  })

  await repository.commit({ 'prompts/triage.md': 'two\n', 'more/reply.md': 'second\n' })
  expect((await deliver(hook, push('guessed'))).status).toBe(401)
  expect((await deliver(`${registry}/webhooks/quiet`, push(SECRET))).status).toBe(401)
  expect(await deliver(hook, push(SECRET))).toEqual({ status: 202, text: '{"status":"accepted"}' })
  await serving.until(/hooked: synced(.|\n)*hooked: synced(.|\n)*quiet: synced/)
  expect(await (await fetch(`${registry}/prompts/triage?mode=dev`)).json()).toMatchObject({
    content: 'two\n',
  })
  expect(await (await fetch(`${registry}/prompts/reply?mode=dev`)).json()).toMatchObject({
    content: 'second\n',
  })

  const { code, out, err } = await serving.end()
  expect(code).toBe(0)
  expect(err.split('\n')).toEqual([
    expect.stringContaining('for hooked was refused (401)'),
    expect.stringContaining('to an address without a webhook was refused (401)'),
    '',
  ])
  expect(out + err).not.toContain(SECRET)
})

test('where the registry is elsewhere, serve listens for webhooks alone, with both secrets of a change', async () => {
  const registry = openEmbeddedRegistry({
    file: join(await scratchFolder(), 'registry.db'),
    tokens: [{ name: 'controller', access: 'write', sources: ['hooked', 'quiet'], token: TOKEN }],
    log: { error: () => {} },
  })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  const { folder, repository } = await setUp(`registry: { url: "${server.url}", tokenEnv: TOKEN }`)
  const env = { HOOK_SECRET: 'the-old-one', NEXT_SECRET: SECRET, TOKEN }
  const serving = startServing(folder, ['--port', '0', '--host', '0.0.0.0'], env)
  const out = await serving.until(/hooked: synced(.|\n)*quiet: synced at/)
  const hook = addressOf(out)
  expect(out).toContain(`The controller writes to ${server.url}.`)
  expect((await fetch(new URL('/prompts', hook))).status).toBe(405)
  expect((await fetch(new URL('/prompts', hook), { method: 'POST', body: '{}' })).status).toBe(404)

  await repository.commit({ 'prompts/triage.md': 'two\n' })
  expect((await deliver(hook, DELIVERIES.github.ping?.('the-old-one') ?? push(''))).status).toBe(200)
  expect((await deliver(hook, push(SECRET))).status).toBe(202)
  await serving.until(/hooked: synced(.|\n)*hooked: synced/)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await fetch(`${server.url}/prompts/triage?mode=dev`, { headers })
  expect(await answer.json()).toMatchObject({ content: 'two\n' })

  const ended = await serving.end()
  expect([ended.code, ended.err]).toEqual([0, ''])
  for (const secret of [SECRET, 'the-old-one', TOKEN]) expect(ended.out).not.toContain(secret)
})
