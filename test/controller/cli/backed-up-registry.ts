import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createRepository } from '../../support/git-repository.ts'
import { proofOf } from '../../support/proof.ts'
import { makeRegistry } from '../../support/registry.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

/** A registry with all that git does not keep: a moved tag, a revocation, a hold, release sets, a deleted prompt, findings; and a skill folder. */
export async function withHistory() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({
    'prompts/a.md': '---\ndescription: x\n---\none',
    'prompts/b.md': 'b',
    'prompts/c.md': '',
    'prompts/tidy/SKILL.md': 'Tidy.',
    'prompts/tidy/rules.md': 'Rules.',
  })
  await repository.tag('v1.0.0')
  await configure(cli.folder, [`{ name: s, repository: "${repository.path}" }`])
  await cli.run(['sync'])
  await repository.commit({ 'prompts/a.md': 'two', 'prompts/tidy/more.txt': 'More.' })
  await repository.tag('v1.1.0')
  await cli.run(['sync'])
  await cli.run([...words('revoke a 1.1.0 --yes --reason'), 'leak'])
  await cli.run(words('hold b'))
  await cli.run(words('push old'), { stdin: 'old' })
  await cli.run(words('transfer old gone --create'))
  await cli.run(words('sources forget gone --delete --yes'))
  await cli.run(['sync'])
  await serveSets(cli.database)
  return { ...cli, repository }
}

/** Two sets of the source, of which the first is kept and the last is signed, and a change by hand between them. */
async function serveSets(file: string): Promise<void> {
  const { admin, close } = makeRegistry({ file, name: 'sets' })
  const { set } = await admin.moveSet('s', { release: 'v1.1.0' })
  await admin.keepSet(set, { keep: true })
  const [first] = (await admin.list({ prefix: 'tidy' })).prompts
  await admin.hold(first?.prompt_id ?? '', { reason: 'a look first' })
  const last = await admin.moveSet('s', { release: 'v1.1.1', reason: 'the same members' })
  const { members } = await admin.releaseSet(last.set)
  await admin.moveSet('s', { proof: proofOf({ source: 's', members, sequence: last.sequence + 1 }) })
  close()
}

/** Every row of every table. The order in which contents were written has no meaning. */
export function rowsOf(file: string): [table: string, rows: unknown[]][] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    return tables.map(({ name }) => [
      String(name),
      database.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).all(),
    ])
  } finally {
    database.close()
  }
}
