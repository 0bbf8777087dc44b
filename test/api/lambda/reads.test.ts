import { expect, test } from 'vitest'
import { createFunctionReads } from '../../../api/lambda/reads.ts'
import { ReadCounter } from '../../../api/registry/read-counter.ts'
import type { ReadCount, ReadStore } from '../../../api/store/read-store.ts'
import { release } from '../../support/registry.ts'
import { lambdaUnderTest } from './lambda-under-test.ts'

/** A reader with the prompt `a`, whose writes of counts are recorded. */
async function reader({ fails = false, hangs = false, mostCounts = 100 } = {}) {
  const additions: (readonly ReadCount[])[] = []
  const failures: unknown[] = []
  const time = { now: 0, fails, hangs }
  const store: ReadStore = {
    mostCounts,
    async add(counts) {
      if (time.fails) throw new Error('DynamoDB is away.')
      additions.push(counts)
    },
    list: async () => ({ items: [], next: null }),
  }
  const reads = createFunctionReads({
    counter: new ReadCounter({ now: () => 0, random: () => 0 }),
    storeWithin: ({ signal }) =>
      time.hangs
        ? {
            ...store,
            add: () =>
              new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('Late.')))),
          }
        : store,
    clock: () => time.now,
    onFailure: (error) => failures.push(error),
  })
  const { send, admin } = lambdaUnderTest({ reads, readOnly: true })
  await release(admin, 'a', '1.0.0')
  await release(admin, 'b', '1.0.0')
  const get = (path: string) =>
    send({
      rawPath: path,
      requestContext: { http: { method: 'GET', path } },
      headers: { 'x-prompt-registry-application': 'triage' },
    })
  return { get, additions, failures, time }
}

const shown = (additions: readonly (readonly ReadCount[])[]) =>
  additions.map((counts) =>
    counts.map(({ promptId, application, reads }) => `${promptId} ${application} ${reads}`),
  )

test('the first read of an instance is stored at once, and later ones together after ten seconds', async () => {
  const { get, additions, time } = await reader()
  await get('/prompts/a')
  expect(shown(additions)).toEqual([['a triage 1']])
  time.now = 9_999
  await get('/prompts/a')
  await get('/prompts/b')
  expect(additions).toHaveLength(1)
  time.now = 10_000
  await get('/prompts/a')
  expect(shown(additions).slice(1)).toEqual([['a triage 2', 'b triage 1']])
})

test('requests that read no prompt write nothing', async () => {
  const { get, additions } = await reader()
  for (const path of ['/prompts', '/health', '/prompts/a/versions', '/prompts/missing']) await get(path)
  expect(additions).toEqual([])
})

test('one response waits for at most one write, and other counts for the next', async () => {
  const { get, additions, time } = await reader({ mostCounts: 1 })
  time.fails = true
  await get('/prompts/a')
  time.fails = false
  await get('/prompts/b')
  expect(additions).toEqual([])
  time.now = 10_000
  await get('/prompts/b')
  expect(additions).toHaveLength(1)
  time.now = 20_000
  await get('/health')
  expect(additions).toHaveLength(2)
})

test('a read succeeds while counts cannot be stored, and they are tried again after ten seconds', async () => {
  const { get, additions, failures, time } = await reader({ fails: true })
  expect((await get('/prompts/a')).status).toBe(200)
  expect((await get('/prompts/a')).status).toBe(200)
  expect(failures).toHaveLength(1)
  Object.assign(time, { now: 10_000, fails: false })
  await get('/prompts/a')
  expect(shown(additions)).toEqual([['a triage 3']])
})

test('a response does not wait for a store that does not answer', async () => {
  const { get, failures } = await reader({ hangs: true })
  expect((await get('/prompts/a')).status).toBe(200)
  expect(failures).toEqual([new Error('Late.')])
})
