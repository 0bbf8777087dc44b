import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dayOf, daysBefore } from '../../../api/contract/day.ts'
import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { createRepository } from '../../support/git-repository.ts'
import { read } from '../../support/registry.ts'
import { configure, makeCli } from './cli-under-test.ts'

const TODAY = dayOf(Date.now())

/** A source whose release 2.0.0 no longer has `old`, which an agent read `daysAgo`. */
async function retiring(daysAgo: number) {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repository'))
  await repository.commit({ 'prompts/old.md': 'Old.\n', 'prompts/kept.md': 'Kept.\n' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, ['name: support\n    repository: ./repository\n    prune: true'])
  expect((await cli.run(['sync'])).code).toBe(0)
  const { version } = await cli.withApi((api) => api.resolve('old', { mode: 'production' }))
  const store = openSqliteStore({ file: cli.database })
  const day = daysBefore(TODAY, daysAgo)
  await store.reads.add([{ promptId: 'old', version, application: 'triage-agent', day, reads: 12 }], 90)
  store.close()
  await repository.commit({ 'prompts/old.md': null, 'prompts/kept.md': 'Kept, better.\n' })
  await repository.tag('v2.0.0')
  const served = (id: string) => cli.withApi((api) => read(api, id))
  return { ...cli, served, repository }
}

const FINDING =
  'Release 2.0.0 no longer has "old", which was read 12 times in the last 7 days, by triage-agent. It stays in service until nobody has read it for 7 days. To take it out of service now: promptctl sync support --confirm'

test('a prompt that is read stays in service when a release lacks it, and the rest of the release goes on', async () => {
  const { run, served } = await retiring(6)
  const plan = await run(['plan', '-o', 'json'])
  expect(plan.out).toContain(JSON.stringify(FINDING))
  const { code } = await run(['sync'])
  expect(code).toBe(0)
  expect(await served('old')).toBe('Old.\n')
  expect(await served('kept')).toBe('Kept, better.\n')
  const { out } = await run(['sources', 'support', '-o', 'json'])
  expect(out).toContain(JSON.stringify(FINDING))
})

test('--confirm takes it out of service all the same', async () => {
  const { run, served } = await retiring(0)
  await run(['sync'])
  expect((await run(['sync', '--confirm'])).code).toBe(0)
  expect(await served('old')).toBe('not_released')
  const { out } = await run(['sources', 'support', '-o', 'json'])
  expect(out).not.toContain('no longer has')
})

test('a prompt that nobody has read for seven days is retired as before', async () => {
  const { run, served } = await retiring(7)
  expect((await run(['sync'])).code).toBe(0)
  expect(await served('old')).toBe('not_released')
})

test('a plan names who reads a prompt that changes', async () => {
  const { run, repository } = await retiring(0)
  await repository.commit({ 'prompts/old.md': 'Old, back.\n' })
  const { out } = await run(['plan'])
  expect(out.split('\n').filter((line) => line.includes('was read'))).toEqual([
    '      was read 12 times in the last 7 days, by triage-agent',
  ])
  const { plans } = (await run(['plan', '-o', 'json'])).json<{
    plans: { changes: { prompt_id: string; use?: object }[] }[]
  }>()
  expect(plans[0]?.changes.filter(({ use }) => use !== undefined)).toMatchObject([
    { prompt_id: 'old', use: { reads: 12, applications: ['triage-agent'] } },
  ])
})

test('a plan names who reads a prompt whose file is gone', async () => {
  const { run, repository } = await retiring(0)
  expect((await run(['sync'])).code).toBe(0)
  await repository.commit({ 'prompts/old.md': 'Old, back.\n' })
  expect((await run(['sync'])).code).toBe(0)
  await repository.commit({ 'prompts/old.md': null })
  const { out } = await run(['plan'])
  expect(out).toContain('archive  old  (gone from the branch)\n      was read 12 times in the last 7 days')
})
