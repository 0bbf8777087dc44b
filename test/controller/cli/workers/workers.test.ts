import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../../../api/server.ts'
import { startWorkers } from '../../../../controller/cli/workers/start-workers.ts'
import { type Ask, connectionsTo, post } from '../../../support/connections.ts'
import { createRepository } from '../../../support/git-repository.ts'
import { parseOpenMetrics } from '../../../support/open-metrics.ts'
import { githubDelivery, githubPayloads } from '../../../support/webhook-deliveries.ts'
import { configure, makeCli, words } from '../cli-under-test.ts'
import { startServe, urlIn } from '../serve-under-test.ts'

const SERVE = 'serve --port 0 --workers 3'
const CONNECTIONS = 24

async function servingThree(env = {}) {
  const cli = await makeCli()
  const serving = startServe(cli, SERVE, env)
  const url = urlIn(await serving.until(/No sources to watch/))
  return { cli, serving, url, connections: connectionsTo(url, CONNECTIONS) }
}

function contentOf({ text }: Awaited<ReturnType<Ask>>): string {
  return JSON.parse(text).content
}

/** Posts if there is a body. */
async function askJson(ask: Ask, path: string, body?: object) {
  const headers = { 'content-type': 'application/json' }
  const request = body && { method: 'POST', body: JSON.stringify(body), headers }
  return JSON.parse((await ask(path, request)).text)
}

test('a promotion that was answered is seen by the next read of every worker', async () => {
  const { serving, connections } = await servingThree()
  for (let round = 0; round < 6; round++) {
    const writer = connections[round] as Ask
    const version = `1.${round}.0`
    expect(await post(writer, '/prompts', { prompt_id: 'a', version, content: `text of ${version}` })).toBe(
      201,
    )
    expect(await post(writer, '/prompts/a/promote', { version })).toBe(200)
    const read = await Promise.all(connections.map((ask) => ask('/prompts/a')))
    expect(new Set(read.map(contentOf))).toEqual(new Set([`text of ${version}`]))
  }
  expect(await serving.end()).toMatchObject({ code: 0, err: '' })
})

test('a pointer that moved is seen by the next read of every worker, with the set that it names', async () => {
  const { serving, connections } = await servingThree()
  const asked = { references: ['a', 'b'] }
  for (let round = 1; round <= 4; round++) {
    const writer = connections[round] as Ask
    for (const prompt_id of asked.references) {
      const pushed = { prompt_id, version: `1.${round}.0`, content: `${round}`, origin: { source: 'git' } }
      expect(await post(writer, '/prompts', pushed)).toBe(201)
      const promotion = { version: pushed.version, source: 'git' }
      expect(await post(writer, `/prompts/${prompt_id}/promote`, promotion)).toBe(200)
    }
    const moved = await askJson(writer, '/sources/git/set', { release: `v1.${round}.0` })
    for (let repeat = 0; repeat < 2; repeat++) {
      const read = await Promise.all(connections.map((ask) => askJson(ask, '/sources/git/set')))
      expect(new Set(read.map(({ sequence }) => sequence))).toEqual(new Set([moved.sequence]))
    }
    const resolved = await Promise.all(connections.map((ask) => askJson(ask, '/resolve', asked)))
    const contents = resolved.flatMap(({ results }) =>
      results.map(({ prompt }: { prompt: { content: string; set: string } }) => [prompt.content, prompt.set]),
    )
    expect(new Set(contents.map(String))).toEqual(new Set([String([`${round}`, moved.set])]))
  }
  expect(await serving.end()).toMatchObject({ code: 0, err: '' })
})

test('readers of all workers see one stable version and no earlier one, while a source releases', async () => {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  const release = async (number: number) => {
    await repository.commit({ 'prompts/a.md': `text ${number}\n` })
    await repository.tag(`v1.${number}.0`)
  }
  await release(0)
  await configure(cli.folder, [
    '{ name: demo, repository: ./repo, webhook: { host: github, secretEnv: HOOK_SECRET } }',
  ])
  const serving = startServe(cli, SERVE, { HOOK_SECRET: 'secret-of-the-hook' })
  const url = urlIn(await serving.until(/demo: synced/))
  const last = 2
  const read = async (ask: Ask) => {
    for (let newest = 0; newest < last; ) {
      const answer = await ask('/prompts/a')
      expect(answer.status).toBe(200)
      const number = Number(/text (\d)/.exec(contentOf(answer))?.[1])
      expect(number).toBeGreaterThanOrEqual(newest)
      newest = number
      const { versions } = JSON.parse((await ask('/prompts/a/versions')).text)
      expect(versions.filter(({ status }: { status: string }) => status === 'stable')).toHaveLength(1)
    }
  }
  const readers = Promise.all(connectionsTo(url, 9).map(read))
  // It is awaited below, and may fail before.
  readers.catch(() => {})
  for (let number = 1; number <= last; number++) {
    await release(number)
    const { headers, body } = githubDelivery('push', githubPayloads('push')[0], 'secret-of-the-hook')
    const delivered = await fetch(`${url}/webhooks/demo`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    })
    expect(delivered.status).toBe(202)
    await serving.until(new RegExp(`(demo: synced[^]*){${number + 1}}`))
  }
  await readers
  expect((await serving.end()).code).toBe(0)
})

test('people sign in to the console once, and the metrics are those of all workers', async () => {
  const cli = await makeCli()
  const token = 'a-token-of-twenty-characters'
  await configure(cli.folder, [], 'registry: { tokens: [{ name: ada, access: admin, env: ADA }] }')
  const serving = startServe(cli, SERVE, { ADA: token })
  const url = urlIn(await serving.until(/No sources to watch/))
  const [first, ...others] = connectionsTo(url, CONNECTIONS) as [Ask, ...Ask[]]
  const page = await first('/console')
  expect(page.status).toBe(401)
  const cookie = String(page.headers['set-cookie']?.[0]).split(';')[0] ?? ''
  const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const body = new URLSearchParams({ form, token, next: '/console' }).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded', cookie }
  const signedIn = await first('/console/sign-in', { method: 'POST', body, headers: type })
  const session = { cookie: String(signedIn.headers['set-cookie']?.[0]).split(';')[0] ?? '' }
  for (const ask of others) expect((await ask('/console', { headers: session })).status).toBe(200)

  const headers = { authorization: `Bearer ${token}` }
  for (const ask of others) expect((await ask('/prompts', { headers })).status).toBe(200)
  const metrics = parseOpenMetrics((await first('/metrics', { headers })).text)
  const value = (name: string) => metrics.get(name)?.samples.map((sample) => sample.value)
  expect(value('prompt_registry_http_requests')).toEqual([others.length])
  expect(value('process_start_time_seconds')).toHaveLength(1)
  expect(value('process_start_time_seconds')?.[0]).toBeLessThan(Date.now() / 1000)
  expect(value('nodejs_eventloop_lag_p99_seconds')).toHaveLength(1)
})

test('a port in use is an error, also if its owner shares it', async () => {
  const { run } = await makeCli()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen({ host: '127.0.0.1', port: 0, reusePort: true }, resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const { code, err } = await run(words(`serve --port ${port} --workers 2`))
  expect(code).toBe(1)
  expect(err).toMatch(/the port is in use; .+ \[EADDRINUSE\]\n$/)
})

test('the number of workers is checked, and without any one thread does everything', async () => {
  const cli = await makeCli()
  const { code, err } = await cli.run(words('serve --workers many'))
  expect([code, err]).toEqual([2, expect.stringContaining('The number of workers is from 0 to 64.')])
  const serving = startServe(cli, 'serve --port 0 --workers 0')
  const url = urlIn(await serving.until(/No sources to watch/))
  expect((await fetch(`${url}/health`)).status).toBe(200)
  expect((await serving.end()).code).toBe(0)
})

test('a worker that fails is reported, and the address is not served', async () => {
  const { folder } = await makeCli()
  const failures: unknown[] = []
  const tokens = [{ name: 'ada', access: 'read', sources: [], prefixes: [], env: 'MISSING' }] as const
  const workers = startWorkers({
    count: 2,
    config: { sources: [] } as never,
    registry: { file: join(folder, 'registry.db'), tokens } as never,
    trouble: new SharedArrayBuffer(1),
    beside: [],
    calls: { log: () => {}, refused: () => {}, lookAgain: () => false },
    runtime: { env: {}, signal: new AbortController().signal },
    onFailure: (error) => failures.push(error),
  })
  const refused = await workers.listen({ host: '127.0.0.1', port: 0 }).catch((error: Error) => error.message)
  expect(refused).toContain('MISSING')
  expect(String(failures[0])).toContain('MISSING')
})

test('no registry of a file is healthy while the writes of one fail, in whichever thread', async () => {
  const { folder } = await makeCli()
  const trouble = new SharedArrayBuffer(1)
  const open = async () => {
    const registry = openEmbeddedRegistry({ file: join(folder, 'r.db'), trouble, log: { error: () => {} } })
    onTestFinished(() => registry.close())
    const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
    onTestFinished(() => server.close())
    return server.url
  }
  const [first, second] = [await open(), await open()]
  const health = async (url: string) => (await fetch(`${url}/health`)).status
  expect(await health(second)).toBe(200)
  new Uint8Array(trouble)[0] = 2
  // The check writes, and thereby ends the trouble for all.
  expect([await health(first), new Uint8Array(trouble)[0]]).toEqual([200, 0])
})
