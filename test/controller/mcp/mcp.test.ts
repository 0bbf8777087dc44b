import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { adminApi } from '../../support/admin-api.ts'
import { makeCli } from '../cli/cli-under-test.ts'

async function startRegistry(): Promise<{ url: string; api: RegistryApi }> {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: { error: () => undefined } })
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
  onTestFinished(() => server.close())
  return { url: server.url, api: adminApi(registry) }
}

async function release(api: RegistryApi, id: string, content: string, fields: object = {}): Promise<void> {
  const { version } = await api.push({ prompt_id: id, content, ...fields })
  await api.promote(id, { version })
}

interface Connected {
  readonly client: Client
  /** Resolves at the next notification. */
  changed(): Promise<void>
}

type Transport = Parameters<Client['connect']>[0]
type Way = (registryUrl: string) => Promise<Transport>

/** Its address. */
async function startOverHttp(registryUrl: string): Promise<string> {
  const { run } = await makeCli()
  const ending = new AbortController()
  const started = Promise.withResolvers<string>()
  const onError = (all: string) => {
    const url = /MCP at (\S+)/.exec(all)?.[1]
    if (url !== undefined) started.resolve(url)
  }
  const args = ['mcp', '--registry', registryUrl, '--port', '0', '--interval', '0.2']
  const pause = () => new Promise<void>((done) => setTimeout(done, 50))
  const ended = run(args, { signal: ending.signal, onError, pause })
  onTestFinished(async () => {
    ending.abort()
    await ended
  })
  return await started.promise
}

const WAYS: Readonly<Record<string, Way>> = {
  'over stdio': async (registryUrl) =>
    new StdioClientTransport({
      command: join('node_modules', '.bin', 'node'),
      args: ['bin/promptctl.js', 'mcp', '--registry', registryUrl, '--interval', '0.2'],
    }),
  'over HTTP': async (registryUrl) =>
    new StreamableHTTPClientTransport(new URL(await startOverHttp(registryUrl))),
}

async function connect(way: Way, registryUrl: string): Promise<Connected> {
  let next = Promise.withResolvers<void>()
  const onChanged = () => {
    next.resolve()
    next = Promise.withResolvers()
  }
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' }, listChanged: { prompts: { onChanged } } },
  )
  await client.connect(await way(registryUrl))
  onTestFinished(() => client.close())
  return { client, changed: () => next.promise }
}

describe.each(Object.entries(WAYS))('a real MCP client %s', (_name, way) => {
  test('lists and gets the prompts of the mode, and is told of a release', async () => {
    const { url, api } = await startRegistry()
    await release(api, 'support/triage', 'Sort {{what}} for {{who}}.', {
      description: 'Sorts.',
      variables: { what: 'What to sort', who: { required: false } },
    })
    await api.push({ prompt_id: 'draft', content: 'Not released.' })
    const { client, changed } = await connect(way, url)
    expect((await client.listPrompts()).prompts).toEqual([
      {
        name: 'support/triage',
        description: 'Sorts.',
        arguments: [
          { name: 'what', description: 'What to sort', required: true },
          { name: 'who', required: false },
        ],
      },
    ])
    const got = await client.getPrompt({ name: 'support/triage', arguments: { what: 'mail' } })
    expect(got.messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Sort mail for .' } }])
    await expect(client.getPrompt({ name: 'support/triage' })).rejects.toMatchObject({ code: -32602 })
    await expect(client.getPrompt({ name: 'draft' })).rejects.toMatchObject({ code: -32602 })

    await release(
      api,
      'support/greet',
      'messages: [{role: system, content: "Be kind."}, {role: assistant, content: "Hi {{who}}"}]\n',
      {
        format: 'document',
        front_matter: '',
      },
    )
    const greeting = await client.getPrompt({ name: 'support/greet', arguments: { who: 'Ada' } })
    expect(greeting.messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'Be kind.' } },
      { role: 'assistant', content: { type: 'text', text: 'Hi Ada' } },
    ])

    const told = changed()
    await release(api, 'support/refund', 'Refund.')
    await told
    await expect
      .poll(async () => (await client.listPrompts()).prompts.map(({ name }) => name))
      .toEqual(['support/greet', 'support/refund', 'support/triage'])
  })
})

test('over HTTP, a web page of elsewhere is refused', async () => {
  const { url } = await startRegistry()
  const address = await startOverHttp(url)
  const { status } = await fetch(address, {
    method: 'POST',
    headers: { origin: 'https://evil.test', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(status).toBe(403)
})
