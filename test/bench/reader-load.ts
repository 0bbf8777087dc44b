import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Readers and writers of `promptctl serve`, for benchmarks. */
const KNOWN = 100
const content = 'You sort support tickets. '.repeat(160)

/** Releases a hundred prompts, and returns their ids. */
export async function fill(url: string): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true })
  const ids = Array.from({ length: KNOWN }, (_, n) => `known-${n}`)
  for (const id of ids) {
    await post(agent, `${url}/prompts`, { prompt_id: id, version: '1.0.0', content })
    await post(agent, `${url}/prompts/${id}/promote`, { version: '1.0.0' })
  }
  agent.destroy()
  return ids
}

/** The milliseconds of each read until the end, sorted. Checks each answer. */
export async function measure(
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

/** Pushes to `writers` prompts until the end, without a pause. Returns the number of pushes. */
export async function write(url: string, writers: number, end: Promise<unknown>): Promise<number> {
  let writes = 0
  let ended = false
  void end.then(() => {
    ended = true
  })
  const writing = Array.from({ length: writers }, async (_, writer) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; !ended; n++, writes++)
      await post(agent, `${url}/prompts`, { prompt_id: `w${writer}`, content: `${content}${n}` })
    agent.destroy()
  })
  await Promise.all(writing)
  return writes
}

export function shown(sorted: readonly number[]): string {
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`
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

/** Runs `promptctl serve` in its own process. */
export async function start(home: string, workers: number, sources: readonly object[]) {
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
