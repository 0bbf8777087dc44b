import { expect, test } from 'vitest'
import { dayOf, daysBefore } from '../../../api/contract/day.ts'
import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { release } from '../../support/registry.ts'
import { makeCli } from './cli-under-test.ts'

const TODAY = dayOf(Date.now())

async function readPrompt() {
  const cli = await makeCli()
  const version = await cli.withApi((api) => release(api, 'triage', '1.0.0'))
  const store = openSqliteStore({ file: cli.database })
  const read = { promptId: 'triage', version, application: 'agent', reads: 2 }
  await store.reads.add(
    [
      { ...read, day: TODAY },
      { ...read, day: daysBefore(TODAY, 6), application: 'batch', reads: 9 },
      { ...read, day: daysBefore(TODAY, 7), application: 'batch', reads: 100 },
      { ...read, day: TODAY, version: 'purged' },
    ],
    90,
  )
  store.close()
  return { ...cli, version }
}

test('reads lists applications and versions, the most reads first, since a day', async () => {
  const { run, version } = await readPrompt()
  const { code, out } = await run(['reads', 'triage', '--days', '7'])
  expect(code).toBe(0)
  expect(
    out
      .split('\n')
      .slice(1, 4)
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['batch', '1.0.0', version, 'stable', '9', daysBefore(TODAY, 6), daysBefore(TODAY, 6)],
    ['agent', '1.0.0', version, 'stable', '2', TODAY, TODAY],
    ['agent', '-', 'purged', 'deleted', '2', TODAY, TODAY],
  ])
  const { json } = await run(['reads', 'triage', '-o', 'json'])
  expect(json()).toMatchObject({ reads: 113, days: [{ reads: 100 }, { reads: 9 }, { reads: 4 }] })
})

test('reads of a prompt that nobody has read say so, and those of a missing prompt fail', async () => {
  const { run, withApi } = await readPrompt()
  await withApi((api) => release(api, 'quiet', '1.0.0'))
  const { out } = await run(['reads', 'quiet', '--days', '1'])
  expect(out).toBe(`Nobody has read "quiet" since ${TODAY}.\n`)
  expect((await run(['reads', 'missing'])).code).toBe(1)
  expect((await run(['reads', 'triage', '--days', '91'])).code).toBe(2)
})
