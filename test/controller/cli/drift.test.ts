import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli, words } from './cli-under-test.ts'

/** Production at v1.1.0, and staging at v1.0.0, of one repository with two prompts. */
async function makeEnvironments() {
  const cli = await makeCli()
  const { folder, run } = cli
  const repository = await createRepository(join(folder, 'repository'))
  const source = '{ name: support, repository: ./repository }'
  await configure(folder, [source])
  await writeFile(
    join(folder, 'staging.yaml'),
    `registry: { file: ./staging.db }\ncache: ./staging-cache\nsources:\n  - ${source}\n`,
  )
  const sync = async (...options: string[]) =>
    expect(await run(['sync', ...options])).toMatchObject({ code: 0 })
  await repository.commit({ 'prompts/a.txt': 'one', 'prompts/b.txt': 'one' })
  await repository.tag('v1.0.0')
  await sync('--config', 'staging.yaml')
  await repository.commit({ 'prompts/a.txt': 'two' })
  await repository.tag('v1.1.0')
  await sync()
  const drift = async (line = '') => {
    const { code, out, err } = await run(words(`drift --name production ${line}`.trim()))
    return {
      code,
      err,
      lines: out
        .trimEnd()
        .split('\n')
        .map((row) => row.split(/ {2,}/))
        .slice(1),
    }
  }
  return { ...cli, repository, sync, drift }
}

const STAGING = '--with staging=staging.yaml'

test('drift finds nothing if everything serves the newest release of git', async () => {
  const { drift } = await makeEnvironments()
  expect(await drift('--detailed-exitcode')).toEqual({
    code: 0,
    err: '2 prompts compared; none differ.\n',
    lines: [],
  })
})

test('drift shows what another registry serves, and 2 is its exit code if asked for', async () => {
  const { drift } = await makeEnvironments()
  expect(await drift(STAGING)).toEqual({
    code: 0,
    err: '2 prompts compared; 1 differ.\n',
    lines: [['a', '1.1.0', '1.1.0', '1.0.0', 'staging: another release']],
  })
  expect(await drift(`${STAGING} --detailed-exitcode`)).toMatchObject({ code: 2 })
})

test('drift shows a rollback, a tag that no pass has seen, and what a person promoted', async () => {
  const { drift, repository, run } = await makeEnvironments()
  await run(['rollback', 'a'])
  expect((await drift()).lines).toEqual([['a', '1.1.0', '1.0.0', 'production: rolled back']])
  await repository.commit({ 'prompts/b.txt': 'three' })
  await repository.tag('v1.2.0')
  expect((await drift()).lines).toEqual([
    ['a', '1.2.0', '1.0.0', 'production: rolled back'],
    ['b', '1.2.0', '1.1.0', 'production: another release'],
  ])
})

test('drift changes nothing', async () => {
  const { drift, run, repository } = await makeEnvironments()
  const state = async () => (await run(words('sources support -o json'))).out
  const before = await state()
  await repository.commit({ 'prompts/b.txt': 'three' })
  await repository.tag('v1.2.0')
  await drift(STAGING)
  expect(await state()).toBe(before)
})

test('drift -o json has the identities', async () => {
  const { run } = await makeEnvironments()
  const { prompts, registries, compared, errors } = (
    await run(words(`drift --name production ${STAGING} -o json`))
  ).json<{
    prompts: { git: { identity: string }; registries: Record<string, { identity: string }> }[]
    [key: string]: unknown
  }>()
  expect([registries, compared, errors]).toEqual([['production', 'staging'], 2, []])
  const [a] = prompts
  expect(a).toMatchObject({ prompt_id: 'a', differs: ['staging'], git: { release: '1.1.0' } })
  expect(a?.git.identity).toBe(a?.registries.production?.identity)
  expect(a?.registries.staging?.identity).toMatch(/^[0-9a-f]{64}$/)
})

test('drift compares registries even if a repository cannot be read, and fails', async () => {
  const { folder, run } = await makeEnvironments()
  await configure(folder, ['{ name: support, repository: ./nosuch }'])
  const { code, out, err } = await run(words(`drift --name production ${STAGING} --detailed-exitcode`))
  expect(code).toBe(1)
  expect(err).toContain('error: support: ')
  expect(out).toContain('staging: another release')
})

test('drift without sources and other registries is a usage error', async () => {
  const { folder, run } = await makeEnvironments()
  await configure(folder, [])
  const { code, err } = await run(['drift'])
  expect([code, err]).toEqual([2, expect.stringContaining('There is nothing to compare.')])
})
