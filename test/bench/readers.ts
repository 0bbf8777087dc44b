import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { largeRepository } from './large-repository.ts'

/**
 * What readers of `serve` wait for: while a source of 10,000 prompts is imported, and beside writers; with no worker
 * (one thread does everything), one and two. Each answer is checked.
 *
 *   npm run bench -- readers [prompts]
 */
const PROMPTS = Number(process.argv[2] ?? 10_000)
const KNOWN = 100
const content = 'You sort support tickets. '.repeat(160)

const folder = await mkdtemp(join(tmpdir(), 'bench-readers-'))
const repository = await largeRepository(join(folder, 'upstream'), { prompts: PROMPTS })
const rows: string[] = []
for (const workers of [0, 1, 2]) {
  rows.push(await whileImporting(workers))
  rows.push(await besideWriters(workers))
}
console.log(rows.sort().join('\n'))
await rm(folder, { recursive: true })

/** Four paced readers, so that their own load is small: without a pass, then during a first pass. */
async function whileImporting(workers: number): Promise<string> {
  const home = await mkdtemp(join(folder, 'import-'))
  const quietServer = await start(home, workers, [])
  const known = await fill(quietServer.url)
  const quiet = await measure(quietServer.url, 4, known, pause(5_000), 10)
  await quietServer.stop()
  const server = await start(home, workers, [{ name: 'big', repository, idPrefix: 'big/', schedule: '1h' }])
  const begun = performance.now()
  const busy = await measure(server.url, 4, known, server.saw(/big: synced/), 10)
  const seconds = (performance.now() - begun) / 1000
  await server.stop()
  return `importing ${PROMPTS.toLocaleString('en')}, workers ${workers}: quiet ${shown(quiet)} | importing ${shown(busy)} | pass ${seconds.toFixed(1)} s`
}

/** 64 readers and 8 writers that never pause. */
async function besideWriters(workers: number): Promise<string> {
  const server = await start(await mkdtemp(join(folder, 'writers-')), workers, [])
  const known = await fill(server.url)
  const alone = await measure(server.url, 64, known, pause(5_000))
  const end = pause(5_000)
  let writes = 0
  let done = false
  void end.then(() => {
    done = true
  })
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; !done; n++, writes++)
      await post(agent, `${server.url}/prompts`, { prompt_id: `w${writer}`, content: `${content}${n}` })
    agent.destroy()
  })
  const beside = await measure(server.url, 64, known, end)
  await Promise.all(writers)
  await server.stop()
  return `64 readers, workers ${workers}: alone ${shown(alone)} ${perSecond(alone)} | beside 8 writers ${shown(beside)} ${perSecond(beside)} | ${Math.round(writes / 5)} writes/s`
}

async function fill(url: string): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true })
  const ids = Array.from({ length: KNOWN }, (_, n) => `known-${n}`)
  for (const id of ids) {
    await post(agent, `${url}/prompts`, { prompt_id: id, version: '1.0.0', content })
    await post(agent, `${url}/prompts/${id}/promote`, { version: '1.0.0' })
  }
  agent.destroy()
  return ids
}

/** The milliseconds of each read until the end. */
async function measure(
  url: string,
  readers: number,
  ids: readonly string[],
  end: Promise<unknown>,
  everyMs = 0,
): Promise<number[]> {
  let ended = false
  const stop = end.then(() => {
    ended = true
  })
  const taken: number[] = []
  const reading = Array.from({ length: readers }, async (_, reader) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = reader; !ended; n++) {
      const begun = performance.now()
      const answer = await send(agent, `${url}/prompts/${ids[n % ids.length]}`)
      taken.push(performance.now() - begun)
      if (JSON.parse(answer).content !== content) throw new Error(answer)
      if (everyMs > 0) await pause(everyMs)
    }
    agent.destroy()
  })
  await Promise.all([stop, ...reading])
  return taken.sort((a, b) => a - b)
}

function shown(sorted: readonly number[]): string {
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`
}

function perSecond({ length }: readonly number[]): string {
  return `(${Math.round(length / 5).toLocaleString('en')}/s)`
}

async function post(agent: Agent, url: string, body: object): Promise<void> {
  await send(agent, url, JSON.stringify(body))
}

function send(agent: Agent, url: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(
      url,
      { agent, method, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          (response.statusCode ?? 500) < 300 ? resolve(text) : reject(new Error(text)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function start(home: string, workers: number, sources: readonly object[]) {
  await writeFile(join(home, 'promptctl.yaml'), JSON.stringify({ sources }))
  const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
  const args = [
    '--disable-warning=ExperimentalWarning',
    path('controller/cli/main.ts'),
    'serve',
    '--port',
    '0',
  ]
  const child = spawn(path('node_modules/.bin/node'), [...args, '--workers', String(workers)], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const saw = outputOf(child)
  const url = /http:\S+/.exec(await saw(/The registry is at http:\S+/))?.[0] ?? ''
  return {
    url,
    saw,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

function outputOf({ stdout }: ChildProcess): (pattern: RegExp) => Promise<string> {
  let all = ''
  stdout?.on('data', (chunk) => {
    all += chunk
  })
  return async (pattern) => {
    while (!pattern.test(all)) if (stdout !== null) await once(stdout, 'data')
    return all
  }
}
