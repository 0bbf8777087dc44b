import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { apiOf } from '../../controller/cli/embedded.ts'
import { countStatements } from './count-statements.ts'
import { median } from './median.ts'

/**
 * A page of 100 prompts of one source, and of those with a status, among 100, 1,000 and 10,000 prompts of ten sources:
 * the least and the median time of a call, and its statements. The floor reads the same rows by their index.
 *
 *   npm run bench -- lists [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 200)
const statements = countStatements()
const folder = await mkdtemp(join(tmpdir(), 'bench-lists-'))
for (const size of [100, 1_000, 10_000]) await lists(size)
await rm(folder, { recursive: true })

async function lists(size: number): Promise<void> {
  const file = join(folder, `${size}.db`)
  const registry = openEmbeddedRegistry({ file, log: { error: () => {} } })
  const api = apiOf(registry, 'bench')
  for (let from = 0; from < size; from += 100) {
    const operations = Array.from({ length: 100 }, (_, n) => ({
      op: 'push' as const,
      prompt_id: `p${from + n}`,
      content: 'text',
      origin: originOf(`s${n % 10}`),
    }))
    await api.batch({ operations })
  }
  const database = new DatabaseSync(file)
  const bySource = database.prepare('SELECT * FROM prompts WHERE owner = ? ORDER BY id LIMIT 100')
  const byStatus = database.prepare('SELECT * FROM prompts WHERE latest_status = ? ORDER BY id LIMIT 100')
  const page = Math.min(100, size / 10)
  await compare(`list?source among ${size}`, page, {
    ours: async () => (await api.list({ source: 's1', limit: 100 })).prompts.length,
    floor: async () => bySource.all('s1').length,
  })
  await compare(`list?status among ${size}`, 100, {
    ours: async () => (await api.list({ status: 'draft', limit: 100 })).prompts.length,
    floor: async () => byStatus.all('draft').length,
  })
  database.close()
  registry.close()
}

/** Each call in turn; checks the number of its rows. */
async function compare(
  name: string,
  rows: number,
  calls: Readonly<Record<'ours' | 'floor', () => Promise<number>>>,
): Promise<void> {
  const taken = { ours: [] as number[], floor: [] as number[] }
  let asked = 0
  for (let round = 0; round < ROUNDS; round++)
    for (const contender of ['floor', 'ours'] as const) {
      const before = { ms: performance.now(), statements: statements() }
      const found = await calls[contender]()
      taken[contender].push((performance.now() - before.ms) * 1000)
      if (contender === 'ours') asked = statements() - before.statements
      if (found !== rows) throw new Error(`${name}: ${found} rows instead of ${rows}`)
    }
  const shown = (all: readonly number[]) => `${Math.min(...all).toFixed(0)}, ${median(all).toFixed(0)} µs`
  const ratio = (median(taken.ours) / median(taken.floor)).toFixed(1)
  console.log(
    `${name.padEnd(26)} ${shown(taken.ours)}, ${asked} statements | the rows alone ${shown(taken.floor)} | ratio ${ratio}`,
  )
}

function originOf(source: string) {
  const commit = 'c'.repeat(40)
  return { source, repository: 'https://git.example.com/prompts.git', path: 'p.md', commit }
}
