import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { largeRepository } from './large-repository.ts'
import { fill, measure, shown, start, write } from './reader-load.ts'

/**
 * What readers of `serve` wait for: while a source of 10,000 prompts is imported, and beside writers, with readers
 * that never pause and with a fixed number of reads a second; with no worker (one thread does everything), one and two.
 * Each answer is checked. The floor of writes is SQLite alone: eight rows of 4 KB a commit, each synced to the disk.
 *
 *   npm run bench -- readers [prompts]
 */
const PROMPTS = Number(process.argv[2] ?? 10_000)

const folder = await mkdtemp(join(tmpdir(), 'bench-readers-'))
const repository = await largeRepository(join(folder, 'upstream'), { prompts: PROMPTS })
const rows: string[] = []
for (const workers of [0, 1, 2]) {
  rows.push(await whileImporting(workers))
  rows.push(await besideWriters(workers))
  rows.push(await besideWriters(workers, 20))
}
rows.push(commitFloor(join(folder, 'floor.db')))
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

/** 64 readers and 8 writers that never pause. With `everyMs`, each reader starts a read that often. */
async function besideWriters(workers: number, everyMs = 0): Promise<string> {
  const server = await start(await mkdtemp(join(folder, 'writers-')), workers, [])
  const known = await fill(server.url)
  const alone = await measure(server.url, 64, known, pause(5_000), everyMs)
  const end = pause(5_000)
  const writing = write(server.url, 8, end)
  const beside = await measure(server.url, 64, known, end, everyMs)
  const writes = await writing
  await server.stop()
  const pace = everyMs === 0 ? 'that never pause' : `every ${everyMs} ms`
  return `64 readers ${pace}, workers ${workers}: alone ${shown(alone)} ${perSecond(alone)} | beside 8 writers ${shown(beside)} ${perSecond(beside)} | writes ${shown(writes)} ${perSecond(writes)}`
}

function perSecond({ length }: readonly number[]): string {
  return `(${Math.round(length / 5).toLocaleString('en')}/s)`
}

/** As many rows a commit as there are writers, since concurrent writes share one. */
function commitFloor(file: string): string {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (text TEXT) STRICT')
  const insert = database.prepare('INSERT INTO rows VALUES (?)')
  const commits: number[] = []
  for (const end = performance.now() + 5_000; performance.now() < end; ) {
    const begun = performance.now()
    database.exec('BEGIN')
    for (let row = 0; row < 8; row++) insert.run(String(row).repeat(4096))
    database.exec('COMMIT')
    commits.push(performance.now() - begun)
  }
  database.close()
  commits.sort((a, b) => a - b)
  return `SQLite alone, 8 rows a commit: ${shown(commits)}, ${Math.round((commits.length * 8) / 5).toLocaleString('en')} rows/s`
}
