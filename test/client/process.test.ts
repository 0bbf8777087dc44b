import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../support/scratch.ts'

test('nothing of the client keeps a process alive: no request, timer or connection', async () => {
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
    const [, registryUrl, file] = process.argv
    const client = new PromptRegistryClient({ registryUrl, snapshot: { file }, ttlMs: 1, env: {} })
    client.watch(['a'], () => 0)
    console.log(await client.get('a'))
    await new Promise((done) => setTimeout(done, 20))
    console.log(await client.get('a'), client.metrics().inFlight)`
  const args = [
    '--input-type=module',
    '--eval',
    script,
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    join(await scratchFolder(), 'snapshot'),
  ]
  const started = performance.now()
  const { stdout } = await promisify(execFile)(join('node_modules', '.bin', 'node'), args)
  // The deadline of the request that hangs is ten seconds; nobody waits for it.
  expect([stdout, performance.now() - started < 9000]).toEqual(['A\nA 1\n', true])
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
    const client = new PromptRegistryClient({ registryUrl: process.argv[1], clock: () => now, env: {} })
    const run = await client.session({ source: 'support' })
    console.log(await run.get('a'))
    now = 60000
    console.log(await run.get('a'), client.metrics().inFlight)`
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const started = performance.now()
  const node = join('node_modules', '.bin', 'node')
  const { stdout } = await promisify(execFile)(node, ['--input-type=module', '--eval', script, url])
  // The deadline of the request that hangs is ten seconds; nobody waits for it.
  expect([stdout, performance.now() - started < 9000]).toEqual(['A\nA 1\n', true])
})
