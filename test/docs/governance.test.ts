import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AuditRow } from '../../api/contract/audit/audit-row.ts'
import { COMMAND_NAMES } from '../../controller/cli/command-names.ts'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { createRepository } from '../support/git-repository.ts'
import { patternOf, perform, stepsOf } from '../support/transcript.ts'

const PAGE = 'docs/governance.md'
const text = readFileSync(PAGE, 'utf8')

const FILE = `---
description: Sorts incoming messages.
tags: [support]
variables: [message]
model: { temperature: 0 }
---
You sort messages.
`

/** Production at v1.1.0, and staging, which is configured in `staging.yaml`, at v1.0.0. */
async function makeEnvironments() {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  const source = '{ name: support, repository: ./repository }'
  await configure(cli.folder, [source])
  const staging = `registry: { file: ./staging.db }\ncache: ./staging-cache\nsources:\n  - ${source}\n`
  await writeFile(join(cli.folder, 'staging.yaml'), staging)
  await repository.commit({ 'prompts/triage.md': FILE })
  await repository.tag('v1.0.0', { annotated: true })
  await cli.run(['sync'])
  await cli.run(words('sync --config staging.yaml'))
  await repository.commit({ 'prompts/triage.md': FILE.replace('temperature: 0', 'temperature: 1') })
  await repository.tag('v1.1.0', { annotated: true })
  await cli.run(['sync'])
  return cli
}

describe('docs/governance.md', () => {
  test('shows what its commands print', async () => {
    const steps = await stepsOf(PAGE)
    expect(steps.length).toBeGreaterThan(4)
    const cli = await makeEnvironments()
    for (const { command, shown } of steps)
      expect(await perform(cli, command), command).toMatch(patternOf(shown))
  })

  test('names only commands that exist', () => {
    const named = [...text.matchAll(/promptctl ([a-z]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !(COMMAND_NAMES as readonly string[]).includes(name))).toEqual([])
  })

  test('has a field of the audit for each of the seven questions', async () => {
    const cli = await makeEnvironments()
    const { rows } = (await cli.run(words('audit -o json'))).json<{ rows: AuditRow[] }>()
    const [table = ''] = text.split('`claimed: true`')
    const fields = [...table.matchAll(/^\| [^|]+\? \| (.+?) \|/gm)].map(
      ([, cell = '']) => cell.match(/\w+/g) ?? [],
    )
    expect(fields).toHaveLength(7)
    for (const field of fields.flat()) expect(Object.keys(rows[0] ?? {})).toContain(field)
  })
})
