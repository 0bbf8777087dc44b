import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { scratchFolder } from '../../support/scratch.ts'

/** A registry with a readable prompt "good" and the broken row of a prompt "bad". */
async function halfBroken() {
  const file = join(await scratchFolder(), 'registry.db')
  const lines: { message: string; facts: Readonly<Record<string, unknown>> }[] = []
  const registry = openEmbeddedRegistry({
    file,
    log: { error: (message, facts) => void lines.push({ message, facts }) },
  })
  onTestFinished(() => registry.close())
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
  onTestFinished(() => server.close())
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await fetch(server.url + path, request)
    return { id: response.headers.get('x-request-id'), status: response.status, text: await response.text() }
  }
  for (const id of ['good', 'bad']) await post('/prompts', { prompt_id: id, content: id })
  const database = new DatabaseSync(file)
  database.exec("UPDATE prompts SET rolled_back = '[broken' WHERE id = 'bad'")
  database.close()
  return { post, lines }
}

const push = (prompt_id: string, content: string) => ({ op: 'push', prompt_id, content })

test.for([
  [
    '/batch',
    { operations: [push('bad', 'b'), push('bad', 'c'), push('good', 'd'), push('good//', 'refused')] },
    'bad',
  ],
  ['/resolve', { references: ['bad', 'good', 'unknown'], mode: 'dev' }, 'bad'],
  ['/lookup', { prompts: [{ prompt_id: 'bad' }, { prompt_id: 'good' }] }, 'bad'],
] as const)(
  'the cause of a part of POST %s that fails is in the log, once, under the request id',
  async ([path, body, subject]) => {
    const { post, lines } = await halfBroken()
    const { id, status, text } = await post(path, body)
    expect(status).toBe(200)
    expect(text).toContain('"unavailable"')
    expect(text).not.toContain('[broken')
    expect(lines).toEqual([
      {
        message: `POST ${path} failed in part`,
        facts: {
          request_id: id,
          code: 'unavailable',
          subject,
          error: expect.objectContaining({ cause: expect.any(SyntaxError) }),
        },
      },
    ])
  },
)
