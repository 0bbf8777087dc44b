import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'
import { configure, makeCli, words } from './cli-under-test.ts'
import { startServe } from './serve-under-test.ts'

const HOOK_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const env = { HOOK_SECRET }
const DEMO = '{ name: demo, repository: ./repo, branch: main }'

function notify(url: string): string {
  return `notify: [{ url: "${url}/hook", secretEnv: HOOK_SECRET }]`
}

test('serve sends the releases and quarantines of a first pass, and replay sends the releases again', async () => {
  const cli = await makeCli()
  const receiver = await startWebhookReceiver()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'a\n', 'prompts/bad.md': '---\na: [\n---\nx' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, [DEMO], notify(receiver.url))
  const serving = startServe(cli, 'serve --port 0', env)
  const events = (await receiver.until(3)).map(
    ({ body, headers }) =>
      new Webhook(HOOK_SECRET).verify(body, headers as Record<string, string>) as {
        type: string
        id: string
      },
  )
  expect(events.map(({ type }) => type).toSorted()).toEqual([
    'prompt-registry.prompt.released',
    'prompt-registry.source.not_ready',
    'prompt-registry.source.quarantined',
  ])
  const { code, out, err } = await serving.end()
  expect([code, err]).toEqual([0, ''])
  expect(out).not.toContain(HOOK_SECRET)

  const replayed = await cli.run(words('events --replay'), { env })
  const { host } = new URL(receiver.url)
  expect(replayed).toMatchObject({ code: 0, out: `Sent 1 event to ${host}.\n`, err: '' })
  const released = events.find(({ type }) => type.endsWith('.released'))
  expect(receiver.received[3]?.headers['webhook-id']).toBe(released?.id)
})

test('a replay that fails shows the command that continues it', async () => {
  const cli = await makeCli()
  const receiver = await startWebhookReceiver(Array(9).fill(500))
  await configure(cli.folder, [], notify(receiver.url))
  await cli.withApi(async (api) => {
    await api.push({ prompt_id: 'a', version: '1.0.0', content: 'a' })
    await api.promote('a', { version: '1.0.0' })
  })
  const { code, out, err } = await cli.run(words('events --replay'), { env, pause: async () => {} })
  const { host } = new URL(receiver.url)
  expect([code, out]).toEqual([1, `Sent 0 events to ${host}.\n`])
  expect(err).toBe(
    `error: Cannot notify ${host}: it answered 500. To continue: promptctl events --replay [not_delivered]\n`,
  )
  expect(receiver.received).toHaveLength(5)
})

test.for([
  ['events --replay', '', {}, 'has no receivers'],
  ['events a --replay', notify('http://127.0.0.1:9'), env, 'Leave the id and --limit out'],
  ['events --replay', notify('http://127.0.0.1:9'), {}, 'HOOK_SECRET, which is not set'],
  [
    'events --replay',
    notify('http://127.0.0.1:9'),
    { HOOK_SECRET: 'short' },
    'must be "whsec_" and 24 to 64 bytes',
  ],
  [
    'serve --port 0',
    notify('http://127.0.0.1:9'),
    { HOOK_SECRET: 'short' },
    'must be "whsec_" and 24 to 64 bytes',
  ],
  ['list', notify('http://user:pass@127.0.0.1:9'), {}, 'must not have a user name or a password'],
  ['list', notify('ftp://127.0.0.1'), {}, 'notify[0].url'],
] as const)('"promptctl %s" with %s is a usage error', async ([line, registry, given, sentence]) => {
  const cli = await makeCli()
  await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'a' }))
  await configure(cli.folder, [], registry)
  const { code, err } = await cli.run(words(line), { env: given })
  expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
  expect(err).not.toContain('short')
})
