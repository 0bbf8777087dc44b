import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { PromptSession } from '../../client/session.ts'
import { fakeTime } from '../client/fake-time.ts'
import { configure, makeCli, openEmbedded, words } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'

const TTL_MS = 60_000

/** An agent with one client. `begin` and `refresh` return the release of the session. */
interface Reader {
  begin(): Promise<string | null>
  refresh(): Promise<string | null>
  /** Reads in the session. */
  read(id: string): Promise<string>
  /** Reads outside of it. */
  call(id: string): Promise<string>
  pass(ms: number): Promise<void>
}

function typescriptReader(registryUrl: string): Reader {
  const { clock, setTimer, jump } = fakeTime()
  const client = new PromptRegistryClient({ registryUrl, mode: 'production', env: {}, clock, setTimer })
  let run: PromptSession
  const idle = () => expect.poll(() => client.metrics().inFlight).toBe(0)
  const codeOf = ({ code }: { code: string }) => code
  const after = async <T>(reading: Promise<T>) => {
    const answer = await reading
    await idle()
    return answer
  }
  return {
    async begin() {
      run = await after(client.session({ source: 'support' }))
      return run.release
    },
    async refresh() {
      await after(run.refresh())
      return run.release
    },
    read: (id) => after(run.get(id).catch(codeOf)),
    call: (id) => after(client.get(id).catch(codeOf)),
    pass: async (ms) => jump(ms),
  }
}

function pythonReader(registryUrl: string): Reader {
  const script = join(import.meta.dirname, 'session_reader.py')
  const child = spawn('python3', [script, registryUrl], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.stdin.end())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (name: string, argument: unknown = null) => {
    child.stdin.write(`${JSON.stringify([name, argument])}\n`)
    const { value } = await lines.next()
    return JSON.parse(value ?? '"the reader ended"')
  }
  return {
    begin: () => ask('begin'),
    refresh: () => ask('refresh'),
    read: (id) => ask('read', id),
    call: (id) => ask('call', id),
    pass: (ms) => ask('pass', ms),
  }
}

/** A repository that is synced by the command into a registry that serves HTTP. */
async function makeWorld() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await configure(cli.folder, ['{ name: support, repository: ./repository }'])
  const command = async (line: string) => expect(await cli.run(words(line)), line).toMatchObject({ code: 0 })
  const release = async (tag: string, texts: Readonly<Record<string, string>>) => {
    const files = Object.entries(texts).map(([id, text]) => [`prompts/${id}.txt`, text])
    await repository.commit(Object.fromEntries(files))
    await repository.tag(tag)
    await command('sync')
  }
  await release('v1.0.0', { a: 'a 1', b: 'b 1' })
  const registry = openEmbedded(cli.database)
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  return { command, release, url: server.url }
}

describe.each([
  ['TypeScript', typescriptReader],
  ['Python', pythonReader],
] as const)('a session in %s', (_language, readerOf) => {
  test('keeps its generation while the controller releases and rolls back', async () => {
    const { command, release, url } = await makeWorld()
    const reader = readerOf(url)
    expect([await reader.begin(), await reader.read('a'), await reader.call('a')]).toEqual([
      ...['v1.0.0', 'a 1', 'a 1'],
    ])
    await release('v1.1.0', { a: 'a 2', b: 'b 2' })
    await reader.pass(TTL_MS)
    await reader.call('a')
    expect([await reader.read('a'), await reader.read('b'), await reader.call('a')]).toEqual([
      ...['a 1', 'b 1', 'a 2'],
    ])
    expect([await reader.refresh(), await reader.read('a')]).toEqual(['v1.1.0', 'a 2'])
    await command('rollback --source support v1.0.0')
    await reader.pass(TTL_MS)
    await reader.call('a')
    expect([await reader.read('a'), await reader.read('b'), await reader.call('a')]).toEqual([
      ...['a 2', 'b 2', 'a 1'],
    ])
    expect([await reader.refresh(), await reader.read('a')]).toEqual(['v1.0.0', 'a 1'])
  })

  test('loses a revoked prompt within a TTL, and keeps the others', async () => {
    const { command, release, url } = await makeWorld()
    await release('v1.1.0', { a: 'a 2', b: 'b 2' })
    const reader = readerOf(url)
    expect([await reader.begin(), await reader.read('a'), await reader.read('b')]).toEqual([
      ...['v1.1.0', 'a 2', 'b 2'],
    ])
    await command('revoke a 1.1.0 --reason leaks')
    await reader.pass(TTL_MS)
    await reader.read('b')
    expect([await reader.read('a'), await reader.read('b'), await reader.call('a')]).toEqual([
      ...['revoked', 'b 2', 'a 1'],
    ])
  })
})
