import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { startTcpServer } from '../../support/tcp-server.ts'
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

  test('learns from the registry which sources are checked and which are overdue', async () => {
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

  test('falls back to the schedule while the registry is unreachable, and does not report that all is well', async () => {
    const { ask, invoked, told } = await controllerUnderTest(
      [{ name: 'a', repository: 'https://git.example.com/acme/one.git' }],
      { known: () => Promise.reject(new Error('the registry is down')) },
    )
    await ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })
    expect(invoked).toHaveLength(1)
    expect(told.ticks).toEqual([{ due: [['a']], overdue: undefined }])
    expect(told.problems).toMatchObject([{ error: { message: 'the registry is down' } }])
  })

  test('fails if an invocation cannot be started, so that Lambda retries', async () => {
    const { ask } = await controllerUnderTest(
      [{ name: 'a', repository: 'https://git.example.com/acme/one.git' }],
      { invoke: () => Promise.reject(new Error('throttled')) },
    )
    await expect(ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })).rejects.toThrow('throttled')
  })
})

test('starts no invocation for sources with a running pass, regardless of their number', async () => {
  const names = Array.from({ length: 25 }, (_, index) => `s${index}`)
  const { ask, api, invoked } = await controllerUnderTest(
    [...names, 'free'].map((name) => ({ name, repository: 'https://git.example.com/acme/one.git' })),
  )
  for (const name of names) await api.lease(name, { holder: 'another', ttl_seconds: 60 })
  await ask({ action: 'schedule', at: '2026-06-01T12:00:00Z' })
  expect(invoked).toEqual([{ action: 'pass', sources: ['free'] }])
})

describe('a pass', () => {
  test('syncs its sources only', async () => {
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

  test('of a source without its secret fails alone', async () => {
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

  test('that runs out of time fails with a message, and releases its lease', async () => {
    const { path } = await repositoryOf('one')
    const end = new AbortController()
    const { ask, api } = await controllerUnderTest([{ name: 'a', repository: path }], {
      timeout: () => end.signal,
    })
    end.abort(new Error('it is time'))
    await expect(ask({ action: 'pass', sources: ['a'] })).rejects.toMatchObject({
      code: 'out_of_time',
      message: expect.stringContaining("The passes of a did not finish within the function's timeout"),
    })
    expect((await api.source('a')).lease).toBeNull()
  })
})

describe('a sync by hand', () => {
  test('covers all sources or the named ones, and rejects an unknown one', async () => {
    const { path } = await repositoryOf('one')
    const { ask } = await controllerUnderTest([
      { name: 'a', repository: path, directories: ['prompts'] },
      { name: 'b', repository: path, directories: ['other'] },
    ])
    expect(await ask({ action: 'sync' })).toMatchObject({ passes: [{ source: 'a' }, { source: 'b' }] })
    const onlyB = await ask({ action: 'sync', sources: ['b'] })
    expect(onlyB).toMatchObject({ passes: [{ source: 'b' }] })
    expect(onlyB).not.toHaveProperty('passes[0].news')
    await expect(ask({ action: 'sync', sources: ['c'] })).rejects.toThrow(
      'unknown source "c"; known sources: a, b',
    )
  })

  test('can be full, and confirm a held change', async () => {
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

test('the alias for webhooks accepts only a pass', async () => {
  const { ask } = await controllerUnderTest([])
  expect(await ask({ action: 'pass', sources: ['a'] }, 'passes')).toEqual({ passes: [] })
  for (const event of [{ action: 'sync', confirm: true }, { action: 'schedule' }])
    await expect(ask(event, 'passes')).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a health check reports whether the sources document is valid', async () => {
  const health = { rawPath: '/health', requestContext: { http: { method: 'GET', path: '/health' } } }
  const { ask } = await controllerUnderTest([])
  expect(await ask(health)).toMatchObject({ statusCode: 200 })
  const broken = await controllerUnderTest([], { document: () => Promise.reject(new Error('it is wrong')) })
  await expect(broken.ask(health)).rejects.toThrow('it is wrong')
})

describe('a sync of many places', () => {
  test('is done with the good ones before a silent one gives up, and asks that one last the next time', async () => {
    const silent = await startTcpServer(() => {})
    onTestFinished(() => silent.close())
    const host = `http://127.0.0.1:${silent.port}`
    const { path } = await repositoryOf('good')
    const stuck = [0, 1].map((n) => ({ name: `stuck${n}`, repository: `${host}/a/${n}.git` }))
    const { ask, told, invoked } = await controllerUnderTest([...stuck, { name: 'good', repository: path }])
    await ask({ action: 'sync' })
    expect(told.passes.map(({ source, result }) => `${source} ${result}`)).toEqual([
      'good synced',
      'stuck0 failed',
      'stuck1 failed',
    ])
    const at = new Date(Date.now() + 3_600_000).toISOString()
    await ask({ action: 'schedule', at })
    expect(invoked.map(({ sources }) => sources.join(' '))).toEqual(['good', 'stuck0', 'stuck1'])
  })
})
