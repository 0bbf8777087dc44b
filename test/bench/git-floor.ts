import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Floors: what any importer of a git repository has to do, with plain git and SQLite. */

/** Clones commits and trees, fetches all files in one request, reads them, and inserts each into a table. */
export async function importFloor(repository: string, folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true })
  const url = `file://${repository}`
  await git(['clone', '--quiet', '--bare', '--filter=blob:none', url, folder])
  const names = (await git(['ls-tree', '-r', '--format=%(objectname)', 'HEAD'], { cwd: folder })).toString()
  const noop = ['-c', 'fetch.negotiationAlgorithm=noop']
  const fetch = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--filter=blob:none',
    '--stdin',
    'origin',
  ]
  await git([...noop, ...fetch], { cwd: folder, input: names })
  const files = await git(['cat-file', '--batch'], { cwd: folder, input: names })
  const database = new DatabaseSync(join(folder, 'floor.db'))
  database.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE files (sha TEXT PRIMARY KEY, text TEXT) STRICT; BEGIN',
  )
  const insert = database.prepare('INSERT OR IGNORE INTO files VALUES (?, ?)')
  let count = 0
  for (let at = 0; at < files.length; count++) {
    const line = files.indexOf('\n', at)
    const [sha = '', , size] = files.toString('latin1', at, line).split(' ')
    insert.run(sha, files.toString('utf8', line + 1, line + 1 + Number(size)))
    at = line + 2 + Number(size)
  }
  database.exec('COMMIT')
  database.close()
  return count
}

/** Lists the refs, fetches the new commit, and compares it with the one before. Returns the changed files. */
export async function changeFloor(folder: string): Promise<readonly string[]> {
  const before = (await git(['rev-parse', 'refs/heads/main'], { cwd: folder })).toString().trim()
  const listed = await git(['ls-remote', 'origin', 'refs/heads/main'], { cwd: folder })
  const [now = ''] = listed.toString().split('\t')
  await git(['fetch', '--quiet', '--filter=blob:none', 'origin', '+refs/heads/main:refs/heads/main'], {
    cwd: folder,
  })
  return (await git(['diff-tree', '-r', '--name-only', before, now], { cwd: folder }))
    .toString()
    .trim()
    .split('\n')
}

async function git(args: readonly string[], { cwd = '.', input = '' } = {}): Promise<Buffer> {
  const child = spawn('git', args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  const ended = once(child, 'close')
  if (input === '') child.stdin.end()
  else child.stdin.end(input)
  const [code] = await ended
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`)
  return Buffer.concat(chunks)
}
