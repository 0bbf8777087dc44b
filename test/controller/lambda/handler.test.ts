import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { controllerUnderTest } from './controller-under-test.ts'

async function repositoryOf(id: string): Promise<TestRepository> {
  const repository = await createRepository(join(await scratchFolder(), 'repository'))
  await repository.commit({ [`prompts/${id}.txt`]: `The text of ${id}.\n` })
  return repository
}

describe('a minute of the schedule', () => {
  test('starts an invocation for each repository with sources that are due', async () => {
    const { ask, invoked, told } = await controllerUnderTest([
      { name: 'a', repository: 'https://git.example.com/acme/one.git' },
      { name: 'b', repository: 'https://git.example.com/acme/two.git' },
      { name: 'c', repository: 'git@git.example.com:acme/one.git' },
    ])
    const started = [['a', 'c'], ['b']]
    expect(await ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })).toEqual({ started })
    expect(invoked).toEqual(started.map((sources) => ({ action: 'pass', sources })))
    expect(told).toMatchObject({ requests: ['request-1'], ticks: [{ due: started, overdue: [] }] })
  })

  test('knows from the registry what has been looked at, and what waits too long', async () => {
    const { path } = await repositoryOf('a')
    const { ask, invoked, told } = await controllerUnderTest([
      { name: 'daily', repository: path, schedule: '0 3 * * *' },
    ])
    await ask({ action: 'sync' })
    const tomorrow = (time: string) => new Date(Date.now() + 86_400_000).toISOString().replace(/T.*/, time)
    await ask({ action: 'schedule', at: tomorrow('T02:59:00Z') })
    expect(invoked).toEqual([])
    await ask({ action: 'schedule', at: tomorrow('T03:00:00Z') })
    expect(invoked).toEqual([{ action: 'pass', sources: ['daily'] }])
    const at = new Date(Date.parse(tomorrow('T03:00:00Z')) + 86_400_000).toISOString()
    await ask({ action: 'schedule', at })
    expect(told.ticks.at(-1)?.overdue).toEqual([{ source: 'daily', ms: expect.any(Number) }])
  })

  test('goes by the schedule alone while the registry does not answer, and does not say that all is well', async () => {
    const { ask, invoked, told } = await controllerUnderTest(
      [{ name: 'a', repository: 'https://git.example.com/acme/one.git' }],
      { known: () => Promise.reject(new Error('the registry is down')) },
    )
    await ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })
    expect(invoked).toHaveLength(1)
    expect(told.ticks).toEqual([{ due: [['a']], overdue: undefined }])
    expect(told.problems).toMatchObject([{ error: { message: 'the registry is down' } }])
  })

  test('fails where an invocation cannot be started, so that Lambda tries again', async () => {
    const { ask } = await controllerUnderTest(
      [{ name: 'a', repository: 'https://git.example.com/acme/one.git' }],
      { invoke: () => Promise.reject(new Error('throttled')) },
    )
    await expect(ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })).rejects.toThrow('throttled')
  })
})

test('no invocation is started for sources that a pass is writing for, however many there are', async () => {
  const names = Array.from({ length: 25 }, (_, index) => `s${index}`)
  const { ask, api, invoked } = await controllerUnderTest(
    [...names, 'free'].map((name) => ({ name, repository: 'https://git.example.com/acme/one.git' })),
  )
  for (const name of names) await api.lease(name, { holder: 'another', ttl_seconds: 60 })
  await ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })
  expect(invoked).toEqual([{ action: 'pass', sources: ['free'] }])
})

describe('a pass', () => {
  test('brings in what its sources have, and leaves others alone', async () => {
    const [one, two] = [await repositoryOf('one'), await repositoryOf('two')]
    const { ask, api, told } = await controllerUnderTest([
      { name: 'a', repository: one.path },
      { name: 'b', repository: two.path },
    ])
    expect(await ask({ action: 'pass', sources: ['a', 'gone-meanwhile'] })).toMatchObject({
      passes: [{ source: 'a', result: 'synced' }],
    })
    expect((await api.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(['one'])
    expect(told.passes).toHaveLength(1)
  })

  test('of a source without its secret fails for itself', async () => {
    const [one, two] = [await repositoryOf('one'), await repositoryOf('two')]
    const credentials = { passwordEnv: 'KEPT_NOWHERE' }
    const { ask, told } = await controllerUnderTest([
      { name: 'a', repository: one.path, credentials },
      { name: 'b', repository: two.path },
    ])
    expect(await ask({ action: 'pass', sources: ['a', 'b'] })).toMatchObject({
      passes: [
        { source: 'a', result: 'failed', message: expect.stringContaining('KEPT_NOWHERE') },
        { source: 'b', result: 'synced' },
      ],
    })
    expect(told.passes.map(({ source }) => source).sort()).toEqual(['a', 'b'])
  })

  test('that runs out of time fails in words, and frees its lease', async () => {
    const { path } = await repositoryOf('one')
    const end = new AbortController()
    const { ask, api } = await controllerUnderTest([{ name: 'a', repository: path }], {
      timeout: () => end.signal,
    })
    end.abort(new Error('it is time'))
    await expect(ask({ action: 'pass', sources: ['a'] })).rejects.toMatchObject({
      code: 'out_of_time',
      message: expect.stringContaining('The passes of a did not end in the time'),
    })
    expect((await api.source('a')).lease).toBeNull()
  })
})

describe('a sync by hand', () => {
  test('is of all sources, or of those that are named, and says so where one is not known', async () => {
    const { path } = await repositoryOf('one')
    const { ask } = await controllerUnderTest([
      { name: 'a', repository: path, directories: ['prompts'] },
      { name: 'b', repository: path, directories: ['other'] },
    ])
    expect(await ask({ action: 'sync' })).toMatchObject({ passes: [{ source: 'a' }, { source: 'b' }] })
    expect(await ask({ action: 'sync', sources: ['b'] })).toMatchObject({ passes: [{ source: 'b' }] })
    await expect(ask({ action: 'sync', sources: ['c'] })).rejects.toThrow(
      'there is no source "c"; there are a, b',
    )
  })

  test('can be full, and let a held change through', async () => {
    const repository = await repositoryOf('one')
    const ids = Array.from({ length: 12 }, (_, index) => `prompts/p${index}.txt`)
    await repository.commit(Object.fromEntries(ids.map((id) => [id, 'A text.\n'])))
    const { ask } = await controllerUnderTest([{ name: 'a', repository: repository.path }])
    await ask({ action: 'sync' })
    expect(await ask({ action: 'sync', full: true })).toMatchObject({ passes: [{ kind: 'full' }] })
    await repository.commit(Object.fromEntries(ids.map((id) => [id, null])))
    expect(await ask({ action: 'pass', sources: ['a'] })).toMatchObject({ passes: [{ result: 'held' }] })
    expect(await ask({ action: 'sync', confirm: true })).toMatchObject({ passes: [{ result: 'synced' }] })
  })
})

test('by the alias of the webhooks nothing is taken but a pass', async () => {
  const { ask } = await controllerUnderTest([])
  expect(await ask({ action: 'pass', sources: ['a'] }, 'passes')).toEqual({ passes: [] })
  for (const event of [{ action: 'sync', confirm: true }, { action: 'schedule' }])
    await expect(ask(event, 'passes')).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a deployment learns whether the sources document can be used', async () => {
  const health = { rawPath: '/health', requestContext: { http: { method: 'GET', path: '/health' } } }
  const { ask } = await controllerUnderTest([])
  expect(await ask(health)).toMatchObject({ statusCode: 200 })
  const broken = await controllerUnderTest([], { document: () => Promise.reject(new Error('it is wrong')) })
  await expect(broken.ask(health)).rejects.toThrow('it is wrong')
})
