import { expect, test } from 'vitest'
import type { PassInput } from '../../controller/pass/pass-input.ts'
import { runPass } from '../../controller/pass/run-pass.ts'
import { served } from '../support/planned-journey.ts'
import { shareRepository } from '../support/shared-repository.ts'

test('twenty sources of one repository cost one listing and one opening a round, and one listing when nothing moved', async () => {
  const { api, round, commit, repository, traffic } = await shareRepository(20)
  await commit('one')
  await repository.tag('v1.0.0')
  const first = await round()
  expect(first.map(({ result, counts }) => `${result} ${counts.pushed} ${counts.promoted}`)).toEqual(
    Array(20).fill('synced 1 1'),
  )
  expect([traffic.listings, traffic.opened]).toEqual([1, 1])
  expect(await served({ api }, 's19/p')).toBe('one of s19\n')

  const before = traffic.requests.length
  expect((await round()).every(({ result }) => result === 'unchanged')).toBe(true)
  expect([traffic.listings, traffic.opened]).toEqual([2, 1])
  expect(traffic.requests.slice(before)).toEqual(Array.from({ length: 20 }, (_, n) => `GET /sources/s${n}`))

  await commit('two')
  await round()
  expect([traffic.listings, traffic.opened]).toEqual([3, 2])
  expect(await served({ api }, 's7/p', 'dev')).toBe('two of s7\n')
})

test('a source that another writer brought further during the round does not go back', async () => {
  const { api, round, commit, traffic } = await shareRepository(2)
  await commit('one')
  await round()
  await commit('two')
  // While the first source's pass runs, somebody else syncs the second one from newer refs.
  const pass = async (input: PassInput) => {
    const report = await runPass(input)
    if (input.source.name === 's0') {
      await commit('three')
      await round(['s1'], runPass, 'elsewhere')
    }
    return report
  }
  const reports = await round(['s0', 's1'], pass)
  expect(reports.map(({ message }) => message)).toEqual([null, null])
  expect(await served({ api }, 's0/p', 'dev')).toBe('two of s0\n')
  expect(await served({ api }, 's1/p', 'dev')).toBe('three of s1\n')
  expect(traffic.listings).toBe(4)
})

test('a source that fails in a round does not keep the others from theirs, nor the repository from the next round', async () => {
  const { api, round, commit, traffic } = await shareRepository(3)
  await commit('one')
  const pass = (input: PassInput) => {
    if (input.source.name !== 's1') return runPass(input)
    const git = {
      ...input.git,
      open: async (...args: Parameters<typeof input.git.open>) => {
        const view = await input.git.open(...args)
        return { ...view, tree: () => Promise.reject(new Error('no tree')) }
      },
    }
    return runPass({ ...input, git })
  }
  const reports = await round(undefined, pass)
  expect(reports.map(({ result }) => result)).toEqual(['synced', 'failed', 'synced'])
  expect(await served({ api }, 's2/p', 'dev')).toBe('one of s2\n')
  expect((await round()).map(({ result }) => result)).toContain('unchanged')
  expect(traffic.listings).toBe(2)
})

test('a registry that cannot be read fails every pass with its reason and opens nothing', async () => {
  const { members, round, commit, traffic } = await shareRepository(2)
  await commit('one')
  const api = { ...members[0]?.api, source: () => Promise.reject(new Error('no registry')) }
  for (const member of members) Object.assign(member, { api })
  const reports = await round()
  expect(reports.map(({ result, message }) => `${result} ${message}`)).toEqual(
    Array(2).fill('failed no registry'),
  )
  expect([traffic.listings, traffic.opened]).toEqual([0, 0])
})

test('a round that is asked to end gives the repository free', async () => {
  const { round, commit } = await shareRepository(3)
  await commit('one')
  const stop = new AbortController()
  const pass = async (input: PassInput) => {
    const report = await runPass({ ...input, signal: stop.signal })
    stop.abort(new Error('ended'))
    return report
  }
  await expect(round(undefined, pass)).rejects.toThrow('ended')
  expect((await round()).map(({ result }) => result)).toEqual(['unchanged', 'synced', 'synced'])
})

test('five tags that are pushed at once are all seen by the next look, without any webhook', async () => {
  const { api, round, commit, repository, traffic } = await shareRepository(2)
  await commit('one')
  await round()
  const { listings } = traffic
  const names = ['v1.0.0', 'v1.1.0', 'v1.2.0', 's0/p@1.3.0', 's1/p/v1.4.0']
  const refs = names.map((name) => `create refs/tags/${name} HEAD\n`)
  await repository.gitWith(refs.join(''), 'update-ref', '--stdin')
  for (const report of await round()) expect(report).toMatchObject({ result: 'synced', message: null })
  expect(traffic.listings).toBe(listings + 1)
  for (const reference of ['s0/p@1.0.0', 's0/p@1.1.0', 's0/p@1.2.0', 's0/p@1.3.0', 's1/p@1.4.0', 's1/p'])
    expect(await served({ api }, reference)).toBe(`one of ${reference.slice(0, 2)}\n`)
})
