import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openConnection } from './connection.ts'
import { median } from './median.ts'
import { startNginx } from './nginx.ts'

/**
 * Row 6 of the targets: resolves of a 4 KB prompt for each second of the server's processor time, beside bare Hono,
 * bare `node:http` and, if it is installed, a file of nginx. The median of some rounds, one server after the other.
 *
 *   npm run bench -- server [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5)
const REQUESTS = 20_000
const CONNECTIONS = 16

interface Server {
  readonly url: URL
  /** Of its processor so far. */
  readonly cpuSeconds: () => Promise<number>
  readonly stop: () => unknown
}

const folder = await mkdtemp(join(tmpdir(), 'bench-server-'))
const registry = await start('registry', join(folder, 'registry.db'))
const hono = await start('hono')
const http = await start('http')
const nginx = await startNginx(folder)
const etag = (await fetch(new URL('/prompts/p1', registry.url))).headers.get('etag') ?? ''

const figures = await race({
  'one prompt': () => perSecond(registry, () => '/prompts/p1'),
  '1,000 prompts': () => perSecond(registry, (n) => `/prompts/p${n % 1000}`),
  'not modified': () => perSecond(registry, () => '/prompts/p1', `if-none-match: ${etag}\r\n`),
  'bare Hono': () => perSecond(hono, () => '/prompts/p1'),
  'bare node:http': () => perSecond(http, () => '/prompts/p1'),
  ...(nginx !== null && { nginx: () => perSecond(nginx, () => '/prompts/p1') }),
})
for (const [name, figure] of Object.entries(figures)) {
  const ofHono = (figure / (figures['bare Hono'] ?? 1)).toFixed(2)
  const ofHttp = (figure / (figures['bare node:http'] ?? 1)).toFixed(2)
  console.log(
    `${name.padEnd(20)} ${Math.round(figure).toLocaleString('en').padStart(8)} a CPU second | of Hono ${ofHono} | of node:http ${ofHttp}`,
  )
}
for (const server of [registry, hono, http, nginx]) await server?.stop()
await rm(folder, { recursive: true })

async function start(kind: string, ...args: string[]): Promise<Server> {
  const child = fork(fileURLToPath(new URL('http-server.ts', import.meta.url)), [kind, ...args])
  const [{ url }] = await once(child, 'message')
  return {
    url: new URL(url),
    stop: () => child.disconnect(),
    async cpuSeconds() {
      const answer = once(child, 'message')
      child.send({})
      return (await answer)[0].cpu / 1e6
    },
  }
}

async function perSecond(server: Server, path: (n: number) => string, header = ''): Promise<number> {
  const before = await server.cpuSeconds()
  let next = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      askAll(server.url, header, () => (next < REQUESTS ? path(next++) : undefined)),
    ),
  )
  return REQUESTS / ((await server.cpuSeconds()) - before)
}

/** Sends one request after another on one connection. */
async function askAll(url: URL, headers: string, nextPath: () => string | undefined): Promise<void> {
  const connection = await openConnection(url)
  for (let path = nextPath(); path !== undefined; path = nextPath())
    await connection.ask('GET', path, { headers })
  connection.close()
}

async function race(
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Readonly<Record<string, number>>> {
  const all: Record<string, number[]> = {}
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const figure = await run()
      // The first round warms up.
      if (round > 0) all[name] = [...(all[name] ?? []), figure]
    }
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, median(list)]))
}
