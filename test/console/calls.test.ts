import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LargeConsole, largeConsole } from './large-registry.ts'
import { pagesOf } from './pages.ts'

/** With 10,000 prompts and 1,000 versions of one. */

let large: LargeConsole
beforeAll(async () => {
  large = await largeConsole()
  // The first visit reads the list and the feed.
  for (const path of ['/console', '/console/audit']) await (await large.get(path)).text()
}, 120_000)
afterAll(() => large.close())

test.for(pagesOf('many'))('%s makes at most 20 store calls', async (path) => {
  large.reset()
  const answer = await large.get(path)
  const page = await answer.text()
  expect(answer.status).toBeLessThan(500)
  expect(large.calls()).toBeLessThanOrEqual(20)
  expect(page.length).toBeLessThan(300_000)
})

test('the overview finds one of 10,000 prompts by a part of its id, and counts all', async () => {
  const page = await (await large.get('/console?q=prompt-4711')).text()
  expect(page).toContain('team-11/prompt-4711')
  expect(page).toContain('10,001')
  expect(await (await large.get('/console?page=201')).text()).toContain('Page 201 of 201')
})
