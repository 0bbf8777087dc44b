import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { createRepository } from './git-repository.ts'

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
const MAIN = fileURLToPath(new URL('../../controller/cli/main.ts', import.meta.url))
const PROMPTS = 60
const RELEASES = 15

/** A repository whose first sync takes long: prompts that change, releases to backfill, and a draft. */
export async function busyRepository(folder: string): Promise<string> {
  const repository = await createRepository(folder)
  for (let release = 0; release < RELEASES; release++) {
    const files = Array.from({ length: PROMPTS }, (_, n) => [
      `prompts/p${n}.txt`,
      `prompt ${n}, last changed in release ${release - (release % ((n % 4) + 1))}\n`,
    ])
    await repository.commit(Object.fromEntries(files), `release ${release}`)
    await repository.tag(`v1.${release}.0`, { annotated: release % 2 === 0 })
  }
  await repository.commit(
    { 'prompts/p0.txt': 'a draft\n', 'prompts/empty.txt': '' },
    'beyond the last release',
  )
  return repository.path
}

export interface Serving {
  /** Resolves with the line that reports the first pass. Rejects if the process exits before. */
  readonly firstPass: Promise<string>
  /** Resolves with the base URL once the server listens. */
  readonly listening: Promise<string>
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  kill(signal: NodeJS.Signals): void
}

/** Runs `promptctl serve` in its own folder, as a user would. */
export async function serve(
  folder: string,
  repository: string,
  options: readonly string[] = [],
): Promise<Serving> {
  await mkdir(folder, { recursive: true })
  const config = { sources: [{ name: 'demo', repository, branch: 'main', schedule: '1h' }] }
  await writeFile(join(folder, 'promptctl.yaml'), JSON.stringify(config))
  const args = ['--disable-warning=ExperimentalWarning', MAIN, 'serve', '--port', '0', ...options]
  const child = spawn(NODE, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  const saw = (pattern: RegExp) => lineOf(child, pattern)
  const listening = saw(/^The registry is at/).then((line) => /http:\S+/.exec(line)?.[0] ?? '')
  const firstPass = saw(/(^| {2})demo: /)
  for (const promise of [listening, firstPass]) promise.catch(() => undefined)
  return { listening, firstPass, ended, kill: (signal) => void child.kill(signal) }
}

function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('no stdout')
    createInterface(child.stdout).on('line', (line) => pattern.test(line) && resolve(line))
    child.once('exit', () => reject(new Error(`ended before it printed ${pattern}`)))
  })
}

/** Everything in the registry except values that differ from run to run: times, event ids and lease tokens. */
export function contentsOf(folder: string): unknown {
  const database = new DatabaseSync(join(folder, '.promptctl', 'registry.db'), { readOnly: true })
  try {
    const all = (sql: string) => database.prepare(sql).all()
    return {
      integrity: all('PRAGMA integrity_check'),
      prompts: all(
        'SELECT id, revision, stable, latest, owner, hold, highest, version_count, archived, retired FROM prompts ORDER BY id',
      ),
      versions: all(
        `SELECT prompt, label, ordinal, status, identity, content_sha256, aliases, origin, release, promoted_over
         FROM versions ORDER BY prompt, ordinal`,
      ),
      contents: all('SELECT sha256, content FROM contents ORDER BY sha256'),
      names: all('SELECT prompt, key, name, label, release FROM names ORDER BY prompt, key'),
      events: all(
        `SELECT prompt, sequence, json_remove(event, '$.id', '$.at') AS event FROM events ORDER BY prompt, sequence`,
      ),
      ledger: all('SELECT source, tag, commit_id FROM ledger ORDER BY source, tag'),
      watermark: all(
        `SELECT json_extract(record, '$.state.watermark') AS watermark, json_extract(record, '$.state.quarantined') AS quarantined
         FROM sources`,
      ),
    }
  } finally {
    database.close()
  }
}
