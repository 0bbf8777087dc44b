import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Connection, openConnection } from './connection.ts'

/** Readers and writers of `promptctl serve`, for benchmarks. */
const KNOWN = 100
const content = 'You sort support tickets. '.repeat(160)

/** Releases a hundred prompts, and returns their ids. */
export async function fill(url: string): Promise<readonly string[]> {
  const connection = await openConnection(new URL(url))
  const ids = Array.from({ length: KNOWN }, (_, n) => `known-${n}`)
  for (const id of ids) {
    await connection.ask('POST', '/prompts', { body: pushOf(id, content, { version: '1.0.0' }) })
    await connection.ask('POST', `/prompts/${id}/promote`, { body: '{"version":"1.0.0"}' })
  }
  connection.close()
  return ids
}

/**
 * The milliseconds of each read until the end, sorted. Checks each answer. `everyMs`: from one start to the next; 0: a
 * reader never pauses.
 */
export async function measure(
  url: string,
  readers: number,
  ids: readonly string[],
  end: Promise<unknown>,
  everyMs = 0,
): Promise<number[]> {
  const taken: number[] = []
  const expected = `"content":${JSON.stringify(content)}`
  await untilEnd(url, readers, end, async (connection, reader, n) => {
    const begun = performance.now()
    const answer = await connection.ask('GET', `/prompts/${ids[(reader + n) % ids.length]}`)
    const took = performance.now() - begun
    taken.push(took)
    if (!answer.includes(expected)) throw new Error(answer)
    if (everyMs > took) await pause(everyMs - took)
  })
  return taken.sort((a, b) => a - b)
}

/** Pushes to `writers` prompts until the end, without a pause. Returns the milliseconds of each push, sorted. */
export async function write(url: string, writers: number, end: Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  await untilEnd(url, writers, end, async (connection, writer, n) => {
    const begun = performance.now()
    await connection.ask('POST', '/prompts', { body: pushOf(`w${writer}`, `${content}${n}`) })
    taken.push(performance.now() - begun)
  })
  return taken.sort((a, b) => a - b)
}

async function untilEnd(
  url: string,
  count: number,
  end: Promise<unknown>,
  act: (connection: Connection, who: number, n: number) => Promise<void>,
): Promise<void> {
  let ended = false
  const stop = end.then(() => {
    ended = true
  })
  const acting = Array.from({ length: count }, async (_, who) => {
    const connection = await openConnection(new URL(url))
    for (let n = 0; !ended; n++) await act(connection, who, n)
    connection.close()
  })
  await Promise.all([stop, ...acting])
}

function pushOf(prompt_id: string, text: string, more = {}): string {
  return JSON.stringify({ prompt_id, content: text, ...more })
}

export function shown(sorted: readonly number[]): string {
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`
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
