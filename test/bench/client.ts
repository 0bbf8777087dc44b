import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get as httpGet } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LangfuseClient } from '@langfuse/client'
import type { PromptRegistryClient as Client, ClientOptions } from '../../client/index.ts'
import { buildClient } from '../../scripts/build-client.ts'
import { median } from './median.ts'

/**
 * Rows 1 to 5 of the targets, on the packed client: ours beside `@langfuse/client` and the floor, interleaved, the
 * median of some rounds. The server is a process of its own.
 *
 *   npm run bench -- client [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5)

await buildClient()
// Away from this checkout, so that it finds none of the optional packages.
const folder = await mkdtemp(join(tmpdir(), 'bench-client-'))
await cp(new URL('../../client/dist', import.meta.url), folder, { recursive: true })
await writeFile(join(folder, 'package.json'), '{"type":"module"}')
const built = join(folder, 'index.js')
const { PromptRegistryClient } = (await import(built)) as {
  PromptRegistryClient: new (options: ClientOptions) => Client
}

interface Server {
  readonly url: string
  /** Changes how it answers, and gives the requests since the last time. */
  tell(mode?: string): Promise<number>
  readonly child: ChildProcess
}

// Langfuse's client logs every failed refresh.
console.error = () => undefined
console.warn = () => undefined

const server = await startServer()
try {
  await cachedGets()
  await firstGets()
  await staleGets()
  await deadlines()
  await uncached()
} finally {
  server.child.disconnect()
  await rm(folder, { recursive: true })
}
process.exit()

async function startServer(): Promise<Server> {
  const child = fork(fileURLToPath(new URL('prompt-server.ts', import.meta.url)))
  const [{ port }] = await once(child, 'message')
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    async tell(mode) {
      const answer = once(child, 'message')
      child.send(mode === undefined ? {} : { mode })
      return (await answer)[0].requests
    },
  }
}

function ours(options: ClientOptions = {}): Client {
  return new PromptRegistryClient({ registryUrl: server.url, env: {}, ...options })
}

function langfuse(baseUrl = server.url, timeoutMs = 10_000): LangfuseClient {
  return new LangfuseClient({ publicKey: 'pk', secretKey: 'sk', baseUrl, timeout: timeoutMs / 1000 })
}

/** Calls a second of each, one round after the other. */
async function race(
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number[]> = {}
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const figure = await run()
      // The first round warms up.
      if (round > 0) figures[name] = [...(figures[name] ?? []), figure]
    }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]))
}

async function cachedGets(): Promise<void> {
  const client = ours()
  const peer = langfuse()
  await client.get('a')
  await peer.prompt.get('a')
  const texts = new Map([['a', 'text']])
  const fromMap = async (name: string) => texts.get(name)
  const rate = (calls: number, call: () => Promise<unknown>) => async () => {
    const start = performance.now()
    for (let n = 0; n < calls; n++) await call()
    return (calls / (performance.now() - start)) * 1000
  }
  const peek = async () => {
    const start = performance.now()
    let length = 0
    for (let n = 0; n < 10_000_000; n++) length += client.peek('a')?.length ?? 0
    return length > 0 ? (10_000_000 / (performance.now() - start)) * 1000 : 0
  }
  const found = await race({
    floor: rate(1_000_000, () => fromMap('a')),
    ours: rate(1_000_000, () => client.get('a')),
    peer: rate(300_000, () => peer.prompt.get('a')),
    peek,
  })
  row('1. cached get', {
    ours: million(found.ours),
    langfuse: million(found.peer),
    'async Map': million(found.floor),
  })
  row('   of the floor', { ours: ratio(found.ours, found.floor), langfuse: ratio(found.peer, found.floor) })
  row('   peek', { ours: million(found.peek) })
}

async function firstGets(): Promise<void> {
  const requests = async (call: () => Promise<unknown>) => {
    await server.tell()
    await Promise.all(Array.from({ length: 1000 }, call))
    return await server.tell()
  }
  const [client, peer] = [ours(), langfuse()]
  row('2. requests of 1,000 first gets', {
    ours: await requests(() => client.get('first')),
    langfuse: await requests(() => peer.prompt.get('first')),
    floor: 1,
  })
}

async function staleGets(): Promise<void> {
  for (const [how, prepare] of [
    ['refused', refusing],
    ['hanging', hanging],
  ] as const) {
    const client = await prepare(async (url) => {
      const made = ours({ registryUrl: url, ttlMs: 1, staleForMs: 1e9 })
      await made.get('a')
      return { get: () => made.get('a'), attempts: () => made.metrics().requests - 1 }
    })
    const peer = await prepare(async (url) => {
      const made = langfuse(url)
      await made.prompt.get('a', { cacheTtlSeconds: 0.001 })
      return { get: () => made.prompt.get('a', { cacheTtlSeconds: 0.001 }), attempts: undefined }
    })
    row(`3. warm but expired, ${how}: ms a get, attempts/s`, {
      ours: await staleRate(client),
      langfuse: await staleRate(peer),
    })
  }
}

interface Stale {
  readonly get: () => Promise<unknown>
  readonly attempts: (() => number) | undefined
  readonly close: () => void
}
type Warm = (url: string) => Promise<Pick<Stale, 'get' | 'attempts'>>

/** After its server is gone. */
async function refusing(warm: Warm): Promise<Stale> {
  const own = await startServer()
  const made = await warm(own.url)
  const closed = once(own.child, 'exit')
  own.child.disconnect()
  await closed
  return { ...made, close: () => undefined }
}

async function hanging(warm: Warm): Promise<Stale> {
  const own = await startServer()
  const made = await warm(own.url)
  await own.tell('hang')
  return { ...made, close: () => own.child.disconnect() }
}

async function staleRate({ get, attempts, close }: Stale): Promise<string> {
  await new Promise((done) => setTimeout(done, 20))
  const before = attempts?.() ?? 0
  const took: number[] = []
  const start = performance.now()
  while (performance.now() - start < 3000) {
    const from = performance.now()
    await get()
    took.push(performance.now() - from)
    if (took.length % 20 === 0) await new Promise((done) => setTimeout(done, 1))
  }
  const rate =
    attempts === undefined ? '-' : (((attempts() - before) * 1000) / (performance.now() - start)).toFixed(1)
  close()
  return `${median(took).toFixed(4)} ms, ${rate}/s`
}

async function deadlines(): Promise<void> {
  for (const mode of ['hang', 'hang in body']) {
    const own = await startServer()
    await own.tell(mode)
    const start = performance.now()
    await ours({ registryUrl: own.url, timeoutMs: 500 })
      .get('a')
      .catch(() => undefined)
    const took = performance.now() - start
    const from = performance.now()
    const peer = langfuse(own.url, 500)
      .prompt.get('a', { fetchTimeoutMs: 500 })
      .catch(() => undefined)
    const cut = new Promise((done) => setTimeout(done, 5000, 'cut'))
    const ended = await Promise.race([peer, cut])
    const peerTook = ended === 'cut' ? 'more than 5,000 ms' : `${Math.round(performance.now() - from)} ms`
    row(`4. error at a deadline of 500 ms, ${mode}`, {
      ours: `${Math.round(took)} ms`,
      langfuse: peerTook,
      floor: '500 ms',
    })
    own.child.disconnect()
  }
}

async function uncached(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const bare = (n: number) =>
    new Promise<unknown>((resolve, reject) => {
      httpGet(`${server.url}/prompts/p${n}`, { agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
      }).on('error', reject)
    })
  let next = 0
  const cpu: Record<string, number[]> = {}
  const rate = (name: string, call: (n: number) => Promise<unknown>) => async () => {
    const calls = 8000
    let left = calls
    const before = process.cpuUsage()
    const start = performance.now()
    const worker = async () => {
      while (left-- > 0) await call(next++)
    }
    await Promise.all(Array.from({ length: 64 }, worker))
    const { user, system } = process.cpuUsage(before)
    cpu[name] = [...(cpu[name] ?? []), (user + system) / calls]
    return (calls / (performance.now() - start)) * 1000
  }
  const client = ours()
  const peer = langfuse()
  const found = await race({
    floor: rate('floor', bare),
    ours: rate('ours', (n) => client.get(`p${n}`)),
    fetch: rate('fetch', async (n) => (await fetch(`${server.url}/prompts/p${n}`)).json()),
    peer: rate('peer', (n) => peer.prompt.get(`p${n}`)),
  })
  row('5. uncached, 64 at once, per second', {
    ours: count(found.ours),
    langfuse: count(found.peer),
    'bare fetch': count(found.fetch),
    'keep-alive node:http': count(found.floor),
  })
  row('   of the floor', { ours: ratio(found.ours, found.floor), langfuse: ratio(found.peer, found.floor) })
  // Of this process alone, so it depends less on what else the machine does.
  const micros = (name: string) => `${median(cpu[name] ?? []).toFixed(0)} µs`
  row('   CPU time a call', {
    ours: micros('ours'),
    langfuse: micros('peer'),
    'bare fetch': micros('fetch'),
    'keep-alive node:http': micros('floor'),
  })
}

function row(what: string, figures: Readonly<Record<string, string | number>>): void {
  const shown = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`)
  console.log(`${what.padEnd(50)} ${shown.join(' | ')}`)
}

function million(figure = Number.NaN): string {
  return `${(figure / 1e6).toFixed(1)} M/s`
}

function ratio(figure = Number.NaN, floor = Number.NaN): string {
  return (figure / floor).toFixed(2)
}

function count(figure = Number.NaN): string {
  return Math.round(figure).toLocaleString('en')
}
