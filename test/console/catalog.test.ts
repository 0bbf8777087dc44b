import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { Catalog } from '../../console/reading/catalog.ts'

type Api = Pick<RegistryApi, 'summaries'>
type Page = Awaited<ReturnType<RegistryApi['summaries']>>

/** A registry in this process, which lists so many pages of one prompt. */
function listing(pages: number): Api & { readonly read: number[]; failAt: number } {
  const api = {
    read: [] as number[],
    failAt: Number.POSITIVE_INFINITY,
    summaries: async ({ cursor = '0' }: { cursor?: string } = {}): Promise<Page> => {
      const page = Number(cursor)
      api.read.push(page)
      if (page === api.failAt) throw new RegistryError('busy', 'Try again.')
      const prompts = [{ prompt_id: `p${page}` }] as Page['prompts']
      return { prompts, next_cursor: page + 1 < pages ? String(page + 1) : null }
    },
  }
  return api
}

const count = ({ rows, isComplete, isReading }: Awaited<ReturnType<Catalog['rows']>>) => [
  ...[rows.length, isComplete, isReading],
]

test('a first look shows the start of a large list, while the rest is read', async () => {
  const api = listing(5)
  const catalog = new Catalog(api, () => 0)
  expect(count(await catalog.rowsSoFar())).toEqual([2, false, true])
  expect(api.read).toEqual([0, 1])
  expect(count(await catalog.rows())).toEqual([5, true, false])
  expect(count(await catalog.rowsSoFar())).toEqual([5, true, false])
  expect(api.read).toEqual([0, 1, 2, 3, 4])
})

test('a list of up to two pages is always whole, and read for each look', async () => {
  for (const pages of [1, 2]) {
    const api = listing(pages)
    const catalog = new Catalog(api, () => 0)
    for (const _ of [1, 2]) expect(count(await catalog.rowsSoFar())).toEqual([pages, true, false])
    expect(api.read).toHaveLength(2 * pages)
  }
})

test('other work goes on between the pages', async () => {
  const api = listing(5)
  const catalog = new Catalog(api, () => 0)
  const seen: number[] = []
  const whole = catalog.rows()
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate()
    seen.push(api.read.length)
  }
  await whole
  expect(seen[0]).toBeLessThan(5)
})

test('a failure shows to those who wait for it, and the next look reads again', async () => {
  const api = listing(5)
  const catalog = new Catalog(api, () => 0)
  api.failAt = 0
  await expect(catalog.rowsSoFar()).rejects.toMatchObject({ code: 'busy' })
  api.failAt = 3
  expect(count(await catalog.rowsSoFar())).toEqual([2, false, true])
  await expect(catalog.rows()).rejects.toMatchObject({ code: 'busy' })
  api.failAt = Number.POSITIVE_INFINITY
  expect(count(await catalog.rows())).toEqual([5, true, false])
})
