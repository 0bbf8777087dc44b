import { expect, test } from 'vitest'
import { allPages } from '../../client/pages.ts'

const PAGES: Readonly<Record<string, { items: number[]; next_cursor: string | null }>> = {
  first: { items: [1, 2], next_cursor: 'b' },
  b: { items: [], next_cursor: 'c' },
  c: { items: [3], next_cursor: null },
}

function paged() {
  const asked: unknown[] = []
  const fetchPage = async (page: { cursor?: string }) => {
    asked.push(page)
    const found = PAGES[page.cursor ?? 'first']
    if (found === undefined) throw new TypeError('no such page')
    return found
  }
  return { asked, fetchPage }
}

test('gives every item of every page, an empty one in the middle too', async () => {
  const { asked, fetchPage } = paged()
  expect(await collect(allPages(fetchPage, ({ items }) => items))).toEqual([1, 2, 3])
  expect(asked).toEqual([{}, { cursor: 'b' }, { cursor: 'c' }])
})

test('asks for the next page only when it is needed', async () => {
  const { asked, fetchPage } = paged()
  for await (const item of allPages(fetchPage, ({ items }) => items)) if (item === 2) break
  expect(asked).toEqual([{}])
})

test('does not go round for ever where the cursor does not move', async () => {
  const stuck = allPages(
    async () => ({ items: [1], next_cursor: 'x' }),
    ({ items }) => items,
  )
  await expect(collect(stuck)).rejects.toThrow('same page cursor twice')
})

test('a page that fails fails the whole', async () => {
  const broken = allPages(
    async () => Promise.reject(new Error('down')),
    () => [],
  )
  await expect(collect(broken)).rejects.toThrow('down')
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
