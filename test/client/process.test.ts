import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../support/scratch.ts'

/** What the script prints in a process that ends by itself: the deadlines of its requests are days away. */
async function run(script: string, ...args: readonly string[]): Promise<string> {
  const node = join('node_modules', '.bin', 'node')
  const ended = promisify(execFile)(node, ['--input-type=module', '--eval', script, ...args], {
    timeout: 25_000,
  })
  return (await ended).stdout
}

const url = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Loads what `fetch` sends by, so that requests go over its connections. */
const WITH_FETCH = 'Headers'

test.each([
  ['no request, timer or connection', ''],
  ['no connection of undici either', WITH_FETCH],
])('nothing of the client keeps a process alive: %s', async (_what, loading) => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    // From the second request on it hangs.
    if (requests === 1) response.end('{"prompt_id": "a", "content": "A"}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const script = `
    import { PromptRegistryClient } from './client/index.ts'
    ${loading}
    const [, registryUrl, file] = process.argv
    const client = new PromptRegistryClient({ registryUrl, snapshot: { file }, ttlMs: 1, timeoutMs: 1e9, env: {} })
    client.watch(['a'], () => 0)
    console.log(await client.get('a'))
    await new Promise((done) => setTimeout(done, 20))
    console.log(await client.get('a'), client.metrics().inFlight)`
  expect(await run(script, url(server), join(await scratchFolder(), 'snapshot'))).toBe('A\nA 1\n')
})

test('the check of a session keeps no process alive', async () => {
  let requests = 0
  const answers = [
    '{"set": "s1", "sequence": 1}',
    '{"results": [{"prompt": {"content": "A", "immutable": true}}]}',
  ]
  const server = createServer((_request, response) => {
    const answer = answers[requests++]
    if (answer !== undefined) response.end(answer)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const script = `
    import { PromptRegistryClient } from './client/index.ts'
    let now = 0
    const client = new PromptRegistryClient({ registryUrl: process.argv[1], clock: () => now, timeoutMs: 1e9, env: {} })
    const run = await client.session({ source: 'support' })
    console.log(await run.get('a'))
    now = 60000
    console.log(await run.get('a'), client.metrics().inFlight)`
  expect(await run(script, url(server))).toBe('A\nA 1\n')
})
