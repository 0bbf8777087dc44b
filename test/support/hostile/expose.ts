import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createRepository, isolatedGitEnvironment } from '../git-repository.ts'
import type { HostileCase } from './hostile-case.ts'
import { writerOf } from './writer.ts'

/** In seconds of the processor, of `serve` and of each git. An ordinary start and first pass take two. */
const MOST_CPU_SECONDS = 60
const MOST_HEAP_MB = 256
/** An answer that takes longer is none. */
const ANSWER_MS = 10_000

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url))

/** A pass as `serve --log json` reports it. */
export interface Pass {
  readonly source: string
  readonly result: string
  readonly counts: Readonly<Record<string, number>>
  readonly message: string
}

/** `serve`, in a process with limits, with a good source beside hostile ones. */
export interface Exposed {
  /** The first pass of a case. Rejects if the process ended before. */
  passOf(one: HostileCase): Promise<Pass>
  /** What the registry answers: its health, and the good prompt. */
  answers(): Promise<readonly [health: unknown, prompt: unknown]>
  /** The most memory that it ever had, in MB. */
  peak(): Promise<number>
  /** Its exit code, or the signal that ended it, after SIGTERM. */
  end(): Promise<number | string | null>
}

export async function expose(cases: readonly HostileCase[]): Promise<Exposed> {
  const folder = await mkdtemp(join(tmpdir(), 'prompt-registry-'))
  const good = await createRepository(join(folder, 'good'))
  await good.commit({ 'prompts/well.txt': 'well' })
  const sources: object[] = [{ name: 'good', repository: './good', schedule: '1h' }]
  for (const [index, { make, source }] of cases.entries()) {
    const name = `hostile${index}`
    await make(writerOf(await createRepository(join(folder, name))))
    const own = { name, repository: `./${name}`, idPrefix: `${name}/`, schedule: '1h', massChange: false }
    sources.push({ ...own, ...source })
  }
  await writeFile(join(folder, 'promptctl.yaml'), JSON.stringify({ sources }))

  const child = serveWithin(folder)
  const exited = once(child, 'exit')
  const passes = new Map<string, PromiseWithResolvers<Pass>>()
  for (const name of ['good', ...cases.map((_, index) => `hostile${index}`)]) {
    const pass = Promise.withResolvers<Pass>()
    pass.promise.catch(() => {})
    passes.set(name, pass)
  }
  const listening = Promise.withResolvers<string>()
  let last = ''
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line
    if (!line.startsWith('{')) return
    const pass = JSON.parse(line) as Pass
    passes.get(pass.source)?.resolve(pass)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = /The registry is at (http:\S+) /.exec(line)?.[1]
    if (found !== undefined) listening.resolve(found)
  })
  child.once('exit', (code, signal) => {
    const error = new Error(`serve ended with ${code ?? signal}: ${last}`)
    listening.reject(error)
    for (const pass of passes.values()) pass.reject(error)
  })

  const url = await listening.promise
  await passes.get('good')?.promise
  const get = async (where: string) =>
    await fetch(`${url}${where}`, { signal: AbortSignal.timeout(ANSWER_MS) }).then((answer) => answer.json())
  return {
    passOf: async (one) => (await passes.get(`hostile${cases.indexOf(one)}`)?.promise) as Pass,
    answers: async () => [await get('/health'), await get('/prompts/well?mode=dev')],
    async peak() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
    },
    async end() {
      child.kill('SIGTERM')
      await Promise.race([exited, once(AbortSignal.timeout(ANSWER_MS), 'abort')])
      const ended = child.exitCode ?? child.signalCode ?? 'it did not end'
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
      return ended
    },
  }
}

function serveWithin(folder: string) {
  const node = `${path('node_modules/.bin/node')} --max-old-space-size=${MOST_HEAP_MB} --disable-warning=ExperimentalWarning`
  const program = `${node} ${path('controller/cli/main.ts')} serve --port 0 --log json`
  return spawn('sh', ['-c', `ulimit -t ${MOST_CPU_SECONDS}; exec ${program}`], {
    cwd: folder,
    env: isolatedGitEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
