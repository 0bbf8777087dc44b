import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applicationProblem } from '../../api/contract/application.ts'
import { dayOf } from '../../api/contract/day.ts'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import { makeCli } from '../controller/cli/cli-under-test.ts'
import { release } from '../support/registry.ts'
import { patternOf, perform, stepsOf } from '../support/transcript.ts'

test('docs/reads.md shows what its commands print', async () => {
  const cli = await makeCli()
  const versions = await cli.withApi(async (api) => [
    await release(api, 'triage', '1.0.0'),
    await release(api, 'triage', '1.1.0'),
  ])
  const store = openSqliteStore({ file: cli.database })
  const read = { promptId: 'triage', day: dayOf(Date.now()) }
  await store.reads.add(
    [
      { ...read, version: versions[0] ?? '', application: 'unknown', reads: 3 },
      { ...read, version: versions[1] ?? '', application: 'triage-agent', reads: 120 },
    ],
    90,
  )
  store.close()
  const steps = await stepsOf('docs/reads.md')
  expect(steps).toHaveLength(2)
  for (const { command, shown } of steps)
    expect(await perform(cli, command), command).toMatch(patternOf(shown))
})

test('docs/reads.md has names of applications that clients and the registry accept', () => {
  const names = [...readFileSync('docs/reads.md', 'utf8').matchAll(/application(?:: |=)["']([^"']+)["']/g)]
  expect(names).toHaveLength(2)
  for (const [, name = ''] of names) expect(applicationProblem(name), name).toBeUndefined()
})
