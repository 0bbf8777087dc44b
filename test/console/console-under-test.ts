import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { MODES, type Mode } from '../../api/contract/mode.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { CliRuntime } from '../../controller/cli/cli-runtime.ts'
import { embeddedConsole } from '../../controller/cli/console.ts'
import { apiOf } from '../../controller/cli/embedded.ts'
import { cliIn, configure, openEmbedded } from '../controller/cli/cli-under-test.ts'
import { createRepository, isolatedGitEnvironment, type TestRepository } from '../support/git-repository.ts'

export const ADMIN = 'admin-token-0123456789abcdef'
export const WRITER = 'writer-token-0123456789abcde'
export const READER = 'reader-token-0123456789abcde'

const TOKENS = [
  { name: 'ada', access: 'admin', sources: [], token: ADMIN },
  { name: 'wim', access: 'write', sources: [], token: WRITER },
  { name: 'rita', access: 'read', sources: [], token: READER },
] as const

export interface ConsoleUnderTest {
  readonly url: string
  /** The registry itself, as an admin named `tester`. */
  readonly api: RegistryApi
  readonly repository: TestRepository
  /** Runs one pass over the source `demo`. */
  sync(): Promise<void>
  /** The sources that somebody asked to look at. */
  readonly asked: readonly string[]
  /** Errors that the console logged. */
  readonly logged: readonly string[]
  close(): Promise<void>
}

export interface ConsoleOptions {
  readonly tokens?: boolean
  readonly allowedModes?: readonly Mode[]
  readonly inputs?: 'report' | 'enforce'
  readonly refreshMs?: number
}

/** The console of a real registry on a port of this machine, next to a repository that a source watches. */
export async function startConsole(options: ConsoleOptions = {}): Promise<ConsoleUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'prompt-registry-'))
  const repository = await createRepository(join(folder, 'repo'))
  await configure(folder, ['{ name: demo, repository: ./repo, branch: main }'])
  const cli = cliIn(folder)
  const registry = openEmbedded(
    join(folder, '.promptctl', 'registry.db'),
    options.tokens === false ? [] : TOKENS,
    options.allowedModes ?? MODES,
    options.inputs,
  )
  const logged: string[] = []
  const asked: string[] = []
  const screen = embeddedConsole(
    registry,
    { lookAgain: (source) => asked.push(source) > 0 },
    runtimeOf(folder, logged),
    { refreshMs: options.refreshMs ?? 60_000 },
  )
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 }, [screen])
  return {
    url: server.url,
    api: apiOf(registry, 'tester'),
    ...{ repository, asked, logged },
    sync: async () => void (await cli.run(['sync'])),
    async close() {
      await server.close()
      registry.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function runtimeOf(cwd: string, logged: string[]): CliRuntime {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk))
      done()
    },
  })
  return {
    stdout: stream,
    stderr: stream,
    stdin: Readable.from([]),
    env: isolatedGitEnvironment(),
    cwd,
    hostname: 'test-host',
    instance: randomUUID(),
    now: Date.now,
    random: () => 0.5,
    pause: () => Promise.resolve(),
    fetch,
    signal: new AbortController().signal,
  }
}

/** A prompt file with front matter. */
export function promptFile(body: string, description = 'Sorts messages'): string {
  return `---\ndescription: ${description}\ntags: [support]\nconfig:\n  model: small\nvariables:\n  message: { type: string }\n---\n${body}\n`
}
