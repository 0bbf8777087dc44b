import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable, Writable } from 'node:stream'
import { beforeAll } from 'vitest'
import { MODES } from '../../../api/contract/mode.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { type EmbeddedRegistry, openEmbeddedRegistry } from '../../../api/server.ts'
import type { CliRuntime, ExitCode } from '../../../controller/cli/cli-runtime.ts'
import { apiOf } from '../../../controller/cli/embedded.ts'
import { runCli } from '../../../controller/cli/program.ts'
import { isolatedGitEnvironment } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'

export interface Ran {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
  /** What was written to stdout, byte for byte. */
  readonly bytes: Buffer
  /** stdout as JSON. */
  json<T = Record<string, unknown>>(): T
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Whether stdout is a terminal. */
  readonly terminal?: boolean
  /** Whether stdin is a terminal: then `stdin` is what a person types. */
  readonly typed?: boolean
  readonly signal?: AbortSignal
  /** Ends at once; without it time does not pass. */
  readonly pause?: () => Promise<void>
  readonly growHeapSlowly?: () => void
  /** Sees what is written to stdout as it comes. */
  readonly onOutput?: (all: string) => void
  /** The same for stderr. */
  readonly onError?: (all: string) => void
}

export interface CliUnderTest {
  readonly folder: string
  readonly database: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Works on the same registry as the commands do, without them. */
  withApi<T>(work: (api: RegistryApi) => Promise<T>): Promise<T>
}

/** `promptctl` in an empty folder, on a real registry file, with streams that are kept. */
export async function makeCli(): Promise<CliUnderTest> {
  return cliIn(await scratchFolder())
}

/** The same for all tests of a suite, which only look at what `prepare` put there. */
export function sharedCli(prepare: (cli: CliUnderTest) => Promise<void>): () => CliUnderTest {
  let cli: CliUnderTest | undefined
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'prompt-registry-'))
    cli = cliIn(folder)
    await prepare(cli)
    return () => rm(folder, { recursive: true, force: true })
  })
  return () => cli as CliUnderTest
}

export function cliIn(folder: string): CliUnderTest {
  const database = join(folder, '.promptctl', 'registry.db')
  return {
    folder,
    database,
    run: (args, options = {}) => run(args, folder, options),
    async withApi(work) {
      const registry = openEmbedded(database)
      try {
        return await work(apiOf(registry, 'tester'))
      } finally {
        registry.close()
      }
    },
  }
}

/** The arguments of a command line without quotes. */
export function words(line: string): string[] {
  return line.split(' ')
}

export function openEmbedded(
  file: string,
  tokens: Parameters<typeof openEmbeddedRegistry>[0]['tokens'] = [],
  allowedModes: Parameters<typeof openEmbeddedRegistry>[0]['allowedModes'] = MODES,
  inputs: 'report' | 'enforce' = 'report',
): EmbeddedRegistry {
  return openEmbeddedRegistry({ file, tokens, allowedModes, inputs, log: { error: () => {} } })
}

/** Breaks a registry for good. */
export function dropTables(file: string): void {
  const database = new DatabaseSync(file)
  for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all())
    if (!String(name).startsWith('sqlite_')) database.exec(`DROP TABLE "${name}"`)
  database.close()
}

/** Writes `promptctl.yaml` with these sources, each a mapping in YAML's flow style. */
export async function configure(folder: string, sources: readonly string[], registry = ''): Promise<void> {
  const lines = sources.map((source) => `  - ${source}\n`).join('')
  await writeFile(join(folder, 'promptctl.yaml'), `${registry}\nsources:\n${lines || '  []\n'}`)
}

async function run(args: readonly string[], folder: string, options: RunOptions): Promise<Ran> {
  const stdout = collector(options.onOutput)
  const stderr = collector(options.onError)
  if (options.terminal === true) Object.assign(stdout.stream, { isTTY: true })
  const stdin = Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)])
  if (options.typed === true) Object.assign(stdin, { isTTY: true })
  // Time does not pass within a run: on a slow machine it would tell how far it is, and what else takes time.
  const start = Date.now()
  const world: CliRuntime = {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin,
    env: { ...isolatedGitEnvironment(), ...options.env },
    cwd: folder,
    hostname: 'test-host',
    instance: randomUUID(),
    now: () => start,
    random: () => 0.5,
    pause: options.pause ?? abortable,
    fetch,
    signal: options.signal ?? new AbortController().signal,
    ...(options.growHeapSlowly && { growHeapSlowly: options.growHeapSlowly }),
  }
  const code = await runCli(args, world)
  const out = stdout.text()
  return { code, out, err: stderr.text(), bytes: stdout.bytes(), json: () => JSON.parse(out) }
}

function collector(onText: (all: string) => void = () => {}) {
  const chunks: Buffer[] = []
  const bytes = () => Buffer.concat(chunks)
  const text = () => bytes().toString('utf8')
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      onText(text())
      done()
    },
  })
  return { stream, bytes, text }
}

/** A pause ends when the process is asked to end. */
function abortable(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
