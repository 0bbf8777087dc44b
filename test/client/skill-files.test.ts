import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { adminApi } from '../support/admin-api.ts'

const file = (path: string, text: string) => ({ path, bytes: text.length, sha256: sha256(text), text })

test('files of skills are read over HTTP, and never taken for a prompt', async () => {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: { error: () => undefined } })
  onTestFinished(() => registry.close())
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  const admin = adminApi(registry)
  const release = async (prompt_id: string, content: string, ...files: ReturnType<typeof file>[]) => {
    const { version } = await admin.push({ prompt_id, content, front_matter: '', files })
    await admin.promote(prompt_id, { version })
  }
  await release('tidy', 'Tidy.', file('b', 'A file.'), file('x y/ä?.md', 'Odd.'), file('versions', 'Word.'))
  await release('tidy/files/c', 'A prompt.', file('d/e', 'Inner.'))
  const api = createRegistryApi(createHttpTransport({ url: server.url, fetch: globalThis.fetch }))
  const read = async (reference: string, path: string) => (await api.folderFile(reference, path)).text
  expect(await read('tidy', 'b')).toBe('A file.')
  expect(await read('tidy', 'x y/ä?.md')).toBe('Odd.')
  expect(await read('tidy', 'versions')).toBe('Word.')
  expect(await read('tidy/files/c', 'd/e')).toBe('Inner.')
  const client = new PromptRegistryClient({ registryUrl: server.url, ttlMs: 0, env: {} })
  expect(await client.get('tidy/files/c')).toBe('A prompt.')
  await expect(client.get('tidy/files/b')).rejects.toThrow(/answered with another prompt/)
})
