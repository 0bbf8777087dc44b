import { byCount, type PromptFault, paging, resorted } from './spoiling.ts'

const FROM_THE_HIGHEST = 'lists the names that are releases from the highest down, pre-releases below theirs'
const AT_OR_BELOW = 'lists the releases at or below one, whether that one is there or not'

export const releases: readonly PromptFault[] = [
  {
    name: 'orders releases as strings',
    caught: FROM_THE_HIGHEST,
    spoil: (right) =>
      paging(right, 'releases', (query) => resorted(right, query, (a, b) => (a.name < b.name ? 1 : -1))),
  },
  {
    name: 'leaves out pre-releases',
    caught: FROM_THE_HIGHEST,
    spoil: (right) =>
      paging(right, 'releases', async (query) => {
        const page = await right.page<'releases'>(query)
        return { ...page, items: page.items.filter(({ name }) => !name.includes('-')) }
      }),
  },
  {
    name: 'starts below the release that it is asked for',
    caught: AT_OR_BELOW,
    spoil: (right) =>
      paging(right, 'releases', async (query) => {
        const page = await right.page<'releases'>(query)
        return { ...page, items: page.items.filter(({ name }) => name !== query.from) }
      }),
  },
  {
    name: 'starts at a release only where it is there',
    caught: AT_OR_BELOW,
    spoil: (right) =>
      paging(right, 'releases', async (query) => {
        const there = (await right.find(query.promptId, { names: [query.from ?? '1.0.0'] })).byName.size > 0
        return there ? await right.page<'releases'>(query) : { items: [], next: null }
      }),
  },
  {
    name: 'keeps one name of a release',
    caught: 'lists every name of one release that has several',
    spoil: (right) =>
      paging(right, 'releases', async (query) => {
        const { items } = await right.page<'releases'>({ ...query, limit: 1000, cursor: undefined })
        const one = new Map(items.map((item) => [item.name.split('+')[0], item]))
        return byCount([...one.values()], query)
      }),
  },
]
