import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { adminApi } from '../support/admin-api.ts'

const ID = 'support/triage'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface RunningRegistry {
  readonly url: string
  /** Makes another text the released one. */
  release(version: string, content: string): Promise<void>
  /** Takes the version that is released out of service. */
  revoke(version: string): Promise<void>
  /** After this the address refuses connections. */
  stop(): Promise<void>
}

/** A registry with one released prompt, `support/triage`, on the port given or a free one. */
async function startRegistry(port = 0): Promise<RunningRegistry> {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: console })
  const api = adminApi(registry)
  const release = async (version: string, content: string) => {
    await api.push({ prompt_id: ID, version, content })
    await api.promote(ID, { version })
  }
  await release('1.0.0', 'You sort tickets.\n')
  const server = await registry.listen({ host: '127.0.0.1', port, closeWithinMs: 0 })
  const stop = () => server.close()
  cleanups.push(stop)
  return {
    url: server.url,
    release,
    revoke: async (version) => void (await api.revoke(ID, { version })),
    stop,
  }
}

function startAgent(env: Readonly<Record<string, string>>) {
  const agent = spawn(join('node_modules', '.bin', 'node'), ['examples/agent/agent.ts'], {
    env: { PATH: process.env.PATH, ...env },
  })
  cleanups.push(() => agent.kill())
  const lines = createInterface({ input: agent.stdout })[Symbol.asyncIterator]()
  return {
    agent,
    nextLine: async () => (await lines.next()).value,
    say: async (message: string) => {
      agent.stdin.write(`${message}\n`)
      return (await lines.next()).value
    },
  }
}

/** The exit code, and what was written to stderr. */
async function ended(agent: ChildProcessWithoutNullStreams) {
  const [errors, [code]] = await Promise.all([text(agent.stderr), once(agent, 'exit')])
  return { code, errors }
}

test('the agent follows releases, goes on when the registry stops, and returns to it', async () => {
  const registry = await startRegistry()
  const { agent, nextLine, say } = startAgent({
    PROMPT_REGISTRY_URL: registry.url,
    PROMPT_REGISTRY_TTL_MS: '0',
  })
  expect(await nextLine()).toBe(
    'ticket-triage starts on support/triage 1.0.0 stable (from http): "You sort tickets."',
  )
  expect(await say('hello')).toBe(
    'turn 1: "hello" is answered with support/triage 1.0.0 stable (from http): "You sort tickets."',
  )

  await registry.release('1.1.0', 'You sort tickets well.\n')
  expect(await say('and now')).toContain('support/triage 1.1.0 stable (from http): "You sort tickets well."')

  await registry.stop()
  expect(await say('still there')).toMatch(
    /^turn 3: "still there" is answered with support\/triage 1\.1\.0 stable \(from http, \d+ s old, because the registry is unreachable\): "You sort tickets well\."$/,
  )

  await startRegistry(Number(new URL(registry.url).port))
  // It is asked again within a second.
  await expect.poll(() => say('back')).toContain('is answered with support/triage 1.0.0 stable (from http):')

  agent.stdin.end()
  expect(await ended(agent)).toEqual({ code: 0, errors: '' })
})

test('the agent does not answer with a revoked prompt, and lives on', async () => {
  const registry = await startRegistry()
  const { nextLine, say } = startAgent({ PROMPT_REGISTRY_URL: registry.url, PROMPT_REGISTRY_TTL_MS: '0' })
  await nextLine()
  await registry.revoke('1.0.0')
  expect(await say('hello')).toContain('turn 1: "hello" is not answered: This prompt version is revoked')
  await nextLine()
  expect(await nextLine()).toBe('Pin another version, or release a new one.')
  await registry.stop()
  expect(await say('and now')).toContain('turn 2: "and now" is not answered')
})

test('the agent starts from a local file when the registry is down already', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agent-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'triage.txt'), 'You sort, offline.\n')
  const registry = await startRegistry()
  await registry.stop()
  const { nextLine } = startAgent({
    PROMPT_REGISTRY_URL: registry.url,
    PROMPT_REGISTRY_LOCAL_DIR: folder,
    PROMPT_REF: 'triage',
  })
  expect(await nextLine()).toBe(
    'ticket-triage starts on triage without a version (from local): "You sort, offline."',
  )
})

test('the agent says what each place said when no place has its prompt', async () => {
  const registry = await startRegistry()
  const { agent } = startAgent({ PROMPT_REGISTRY_URL: registry.url, PROMPT_REF: 'support/unknown' })
  const { code, errors } = await ended(agent)
  expect(code).toBe(1)
  expect(errors).toContain(
    'No tier has this prompt: "support/unknown".\n  http: Prompt "support/unknown" was not found; check the id, or list the prompts. [not_found]',
  )
})
