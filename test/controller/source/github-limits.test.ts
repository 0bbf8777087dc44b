import { expect, test } from 'vitest'
import type { Quota } from '../../../controller/source/git-source.ts'
import { RateLimited } from '../../../controller/source/github/index.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { withGitHub } from '../../support/github/world.ts'

const BACK = expect.stringMatching(/limits requests until 2026-06-01T12:40:00Z/)

test('reports the remaining requests, and every quota to its callback', () =>
  withGitHub(async ({ repository, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    const told: Quota[] = []
    const one = source({ onQuota: (quota) => told.push(quota) })
    expect(one.quotas()).toEqual([])
    await one.listRefs()
    const resetAt = new Date(clock.now() + 3_600_000).toISOString()
    const common = { limit: 5000, resetAt }
    expect(one.quotas()).toEqual([
      { ...common, resource: 'core', remaining: 4997 },
      { ...common, resource: 'graphql', remaining: 4999 },
    ])
    expect(told.map(({ resource, remaining }) => `${resource} ${remaining}`)).toEqual([
      'core 4999',
      'graphql 4999',
      'core 4998',
      'core 4997',
    ])
  }))

test('waits for the reset of the quota if it is near', () =>
  withGitHub(async ({ repository, github, source, clock, asked }) => {
    await repository.commit({ 'a.txt': '1' })
    Object.assign(github.quota.core, { remaining: 2, reset: clock.now() / 1000 + 30 })
    expect((await source().listRefs()).branch).toBe('main')
    // With half a second more, or everyone would be there at once.
    expect(clock.waits).toEqual([30_500])
    expect(asked().filter((question) => question.endsWith('403'))).toEqual([])
  }))

test('reports the reset of the quota if it is far, and sends nothing until then', () =>
  withGitHub(async ({ repository, github, source, clock, asked }) => {
    await repository.commit({ 'a.txt': '1' })
    Object.assign(github.quota.core, { remaining: 0, reset: clock.now() / 1000 + 2400 })
    const one = source()
    const error = await one.listRefs().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RateLimited)
    expect(error).toMatchObject({ code: 'rate_limited', message: BACK, until: clock.now() + 2_400_000 })
    expect(asked()).toEqual(['GET /git/matching-refs/{ref} 403'])
    await expect(one.listRefs()).rejects.toMatchObject({ code: 'rate_limited', message: BACK })
    expect(asked()).toEqual([])
    clock.pass(2_400_000)
    expect((await one.listRefs()).branch).toBe('main')
    expect(clock.waits).toEqual([])
  }))

test('has separate quotas for REST and GraphQL', () =>
  withGitHub(async ({ repository, github, source, clock, asked }) => {
    await repository.commit({ 'a.txt': '1' })
    const one = source()
    const refs = await one.listRefs()
    asked()
    Object.assign(github.quota.graphql, { remaining: 0, reset: clock.now() / 1000 + 2400 })
    const snapshot = await one.open(refs)
    await expect(snapshot.tree(refs.commit, WHOLE_TREE)).rejects.toMatchObject({
      code: 'rate_limited',
      message: BACK,
    })
    expect(await one.listRefs()).toEqual(refs)
    await snapshot.close()
  }))

test('recognises an exhausted quota in a successful GraphQL response', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    const reset = String(clock.now() / 1000 + 2400)
    const headers = {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': reset,
      'x-ratelimit-resource': 'graphql',
      'content-type': 'application/json',
    }
    const body = { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }
    github.intercept = (operation) =>
      operation === 'query CountTags' ? { status: 200, headers, body } : undefined
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'rate_limited', message: BACK })
  }))

const SECONDARY = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' }

test.for([
  { name: 'as long as the host says', status: 403, headers: { 'retry-after': '7' }, waits: [7500, 7500] },
  {
    name: 'as long as the host requires, with status 429',
    status: 429,
    headers: { 'retry-after': '2' },
    waits: [2500, 2500],
  },
  { name: 'a minute, then two, where it does not say', status: 403, headers: {}, waits: [60_500, 120_500] },
])('waits $name when asked too often', ({ status, headers, waits }) =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    let left = 2
    github.intercept = () => (left-- > 0 ? { status, headers, body: SECONDARY } : undefined)
    expect((await source({ limits: { waitMs: 600_000 } }).listRefs()).branch).toBe('main')
    expect(clock.waits).toEqual(waits)
  }),
)

test('limits the total wait, however often the host extends it', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    github.intercept = () => ({ status: 403, headers: { 'retry-after': '25' }, body: SECONDARY })
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(clock.waits).toEqual([25_500, 25_500])
    expect(github.requests).toHaveLength(3)
  }))

test('delays all requests under a secondary limit, even with quota left', () =>
  withGitHub(async ({ repository, github, source, asked }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const one = source()
    const refs = await one.listRefs()
    const snapshot = await one.open(refs)
    asked()
    github.intercept = () => ({ status: 403, headers: { 'retry-after': '300' }, body: SECONDARY })
    await expect(snapshot.commit(commit)).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(one.listRefs()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(asked()).toEqual(['query ReadCommits 403'])
  }))

test('does not retry too early if the host’s clock is behind', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    const reset = String(clock.now() / 1000 - 60)
    const headers = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    github.intercept = () => ({ status: 403, headers, body: { message: 'API rate limit exceeded' } })
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(clock.waits).toEqual([5500, 10_500, 20_500])
  }))

test('distinguishes a refusal from a rate limit', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    github.intercept = () => ({ status: 403, body: { message: 'Resource not accessible by integration' } })
    await expect(source().listRefs()).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/refused access to acme\/prompts/),
    })
    expect(clock.waits).toEqual([])
  }))

test('retries server errors with backoff, and then gives up', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await repository.commit({ 'a.txt': '1' })
    let left = 3
    github.intercept = () => (left-- > 0 ? { status: 502, body: { message: 'Server Error' } } : undefined)
    expect((await source().listRefs()).branch).toBe('main')
    expect(clock.waits).toEqual([375, 750, 1500])
    left = 4
    await expect(source().listRefs()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/502/),
    })
    const randoms = [0, 0.999]
    clock.waits.length = 0
    left = 2
    await source({ random: () => randoms.shift() ?? 0 }).listRefs()
    expect(clock.waits).toEqual([250, 1000])
  }))

test('reports an unreachable host', () =>
  withGitHub(async ({ source, clock }) => {
    const nobody = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }))
    const error = await source({ fetch: nobody })
      .listRefs()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unreachable', cause: { message: 'Error: ECONNREFUSED' } })
    expect(clock.waits).toHaveLength(3)
  }))

test('refuses an endless response', () =>
  withGitHub(async ({ repository, github, source }) => {
    await repository.commit({ 'a.txt': '1' })
    github.intercept = () => ({ status: 200, body: ['x'.repeat(5000)] })
    await expect(source({ limits: { answerBytes: 4000 } }).listRefs()).rejects.toMatchObject({
      code: 'too_large',
    })
    expect(github.requests).toHaveLength(1)
  }))

test('stops waiting when its caller gives up', () =>
  withGitHub(async ({ repository, github, source }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const giveUp = new AbortController()
    const reason = new Error('the process is told to end')
    const pause = async (_: number, signal?: AbortSignal) => {
      giveUp.abort(reason)
      signal?.throwIfAborted()
    }
    github.intercept = () => ({ status: 429, headers: { 'retry-after': '7' }, body: SECONDARY })
    const stopped = { code: 'failed', cause: reason }
    await expect(source({ pause }).listRefs(giveUp.signal)).rejects.toMatchObject(stopped)
    github.intercept = () => ({ status: 500 })
    await expect(source({ pause }).listRefs(giveUp.signal)).rejects.toMatchObject(stopped)
    expect(github.requests).toHaveLength(1)
    const snapshot = await source().open({ branch: 'main', commit, branches: [], tags: [] })
    github.intercept = () => {
      void snapshot.close()
      return undefined
    }
    await expect(snapshot.tree(commit, WHOLE_TREE)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/closed/),
    })
  }))
