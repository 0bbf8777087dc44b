import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { apiOf } from '../../controller/cli/embedded.ts'
import { countStatements } from './count-statements.ts'
import { changeOne, largeRepository } from './large-repository.ts'
import { median } from './median.ts'
import { fill, measure, shown, start, write } from './reader-load.ts'
import { builtSync, homeOf, type SyncCosts } from './run-sync.ts'

/**
 * How costs grow with prompts, versions, tags, sources and readers. Counts rather than times, where they tell the same.
 *
 *   npm run bench -- growth [prompts|versions|tags|sources|readers] [sizes]
 */
const statements = countStatements()

const [which, sizes] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'bench-growth-'))
const sync = await builtSync(folder)
const TABLES = {
  prompts: { run: prompts, sizes: [100, 1_000, 10_000, 100_000] },
  versions: { run: versions, sizes: [1, 10, 100, 1_000, 10_000] },
  tags: { run: tags, sizes: [10, 100, 1_000, 10_000, 50_000] },
  sources: { run: sources, sizes: [1, 10, 100, 1_000] },
  readers: { run: readers, sizes: [1, 4, 16, 64, 256] },
} as const
for (const [name, table] of Object.entries(TABLES)) {
  if (which !== undefined && which !== name) continue
  for (const size of sizes?.split(',').map(Number) ?? table.sizes) {
    console.log(`${size.toLocaleString('en')} ${name} | ${await table.run(size)}`)
  }
}
await rm(folder, { recursive: true })

/** First sync, one that finds nothing, and one with a changed file, each in a process of its own. */
async function prompts(size: number): Promise<string> {
  const repository = await largeRepository(join(folder, `prompts-${size}`), { prompts: size, bytes: 400 })
  const home = await homeOf(folder, [{ name: 'big', repository, maxFiles: 200_000 }])
  const first = await sync(home)
  const unchanged = await sync(home)
  await changeOne(repository, 'changed')
  return `first: ${costs(first)} | unchanged: ${costs(unchanged)} | one file: ${costs(await sync(home))}`
}

/** With the time of a sync that finds nothing and of a bare listing, one after the other: the medians of three. */
async function tags(size: number): Promise<string> {
  const repository = await largeRepository(join(folder, `tags-${size}`), { prompts: 10, tags: size })
  const home = await homeOf(folder, [{ name: 'tagged', repository }])
  const first = await sync(home)
  const unchanged: SyncCosts[] = []
  const listings: number[] = []
  for (let round = 0; round < 3; round++) {
    const begun = performance.now()
    await listRefs(repository)
    listings.push((performance.now() - begun) / 1000)
    unchanged.push(await sync(home))
  }
  const [ours, listing] = [unchanged.map(({ seconds }) => seconds), listings].map(median)
  const times = `${ours?.toFixed(2)} s, git ls-remote alone ${listing?.toFixed(2)} s`
  return `first: ${costs(first)} | unchanged: ${costs(unchanged[0] as SyncCosts)}, ${times}`
}

async function listRefs(repository: string): Promise<void> {
  const child = spawn('git', ['ls-remote', repository], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`git ls-remote ended with ${code}`)
}

async function sources(size: number): Promise<string> {
  const list: object[] = []
  for (let n = 0; n < size; n++) {
    const repository = await largeRepository(join(folder, `sources-${size}`, `s${n}`), { prompts: 1 })
    list.push({ name: `s${n}`, repository, idPrefix: `s${n}/` })
  }
  const home = await homeOf(folder, list)
  const first = await sync(home)
  return `first: ${costs(first)} | unchanged: ${costs(await sync(home))}`
}

/** Statements of one call each, when one prompt has so many versions. */
async function versions(size: number): Promise<string> {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: { error: () => {} } })
  const api = apiOf(registry, 'bench')
  for (let from = 1; from <= size; from += 50) {
    const names = Array.from({ length: Math.min(50, size - from + 1) }, (_, n) => `1.${from + n}.0`)
    await api.batch({
      operations: names.flatMap((version) => [
        { op: 'push' as const, prompt_id: 'a', version, content: `text of ${version}` },
        { op: 'promote' as const, prompt_id: 'a', version },
      ]),
    })
  }
  const shown: string[] = []
  const count = async (name: string, call: () => Promise<unknown>) => {
    const before = statements()
    await call()
    shown.push(`${name} ${statements() - before}`)
  }
  await count('resolve', () => api.resolve('a', {}))
  await count('resolve of a pin', () => api.resolve('a@1.1.0', {}))
  await count('push', () => api.push({ prompt_id: 'a', content: 'new' }))
  await count('roll back', () => api.rollback('a', { version: '1.1.0', reason: 'bench' }))
  await count('a page of versions', () => api.versions('a', { limit: 50 }))
  registry.close()
  return `statements: ${shown.join(', ')}`
}

async function readers(size: number): Promise<string> {
  const server = await start(await mkdtemp(join(folder, 'readers-')), 1, [])
  const known = await fill(server.url)
  const alone = await measure(server.url, size, known, pause(3_000))
  const end = pause(3_000)
  const writing = write(server.url, 8, end)
  const beside = await measure(server.url, size, known, end)
  const writes = await writing
  await server.stop()
  const rate = (count: number) => `${Math.round(count / 3).toLocaleString('en')}/s`
  return `alone ${shown(alone)}, ${rate(alone.length)} | beside 8 writers ${shown(beside)}, ${rate(beside.length)}, ${rate(writes.length)} writes`
}

function costs({ statements, processes, cpuSeconds, seconds, megabytes }: SyncCosts): string {
  return `${statements.toLocaleString('en')} statements, ${processes} git, ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU s, ${Math.round(megabytes)} MB`
}
