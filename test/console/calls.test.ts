import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LargeConsole, largeConsole } from './large-registry.ts'
import { pagesOf } from './pages.ts'

/** With 10,000 prompts and 1,000 versions of one. */

let large: LargeConsole
let first: { readonly page: string; readonly calls: number }
beforeAll(async () => {
  large = await largeConsole()
  // The first visits read the list and the feed.
  first = await visit('/console')
  for (const path of ['/console?q=x', '/console/audit']) await visit(path)
}, 120_000)
afterAll(() => large.close())

async function visit(path: string) {
  large.reset()
  const page = await (await large.get(path)).text()
  return { page, calls: large.calls() }
}

test('the first visit reads no more than the start of the list, and shows that there is more', () => {
  expect(first.calls).toBeLessThanOrEqual(4)
  expect(first.page).toMatch(/<b>2,000\+<\/b> <span>Prompts/)
  expect(first.page).toContain('They are being counted.')
  expect(first.page).toContain('Page 1 of 40+')
})

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
