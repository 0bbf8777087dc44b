import type { PageItems } from '../../../../api/store/prompt-store.ts'
import { type PromptFault, paging, resorted } from './spoiling.ts'

const BY_ID = 'lists prompts by id in code units, page by page to the end'

export const listing: readonly PromptFault[] = [
  {
    name: 'drops the last row of a page',
    caught: BY_ID,
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        return page.next === null ? page : { ...page, items: page.items.slice(0, -1) }
      }),
  },
  {
    name: 'sorts ids as people do',
    caught: BY_ID,
    spoil: (right) =>
      paging(right, 'prompts', (query) =>
        resorted(right, query, (a, b) => a.head.promptId.localeCompare(b.head.promptId)),
      ),
  },
  {
    name: 'never ends its pages',
    caught: BY_ID,
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        return { ...page, next: page.next ?? 'zzz' }
      }),
  },
  {
    name: 'takes a prefix for whole segments',
    caught: 'lists the prompts below a prefix',
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        const { prefix = '' } = query
        const below = ({ head }: PageItems['prompts']) =>
          prefix === '' || head.promptId === prefix || head.promptId.startsWith(`${prefix}/`)
        return { ...page, items: page.items.filter(below) }
      }),
  },
  {
    name: 'ends a range of ids with ASCII',
    caught: 'keeps ids of every script, and lists them by code points',
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        const end = `${query.prefix ?? ''}\x7f`
        return { ...page, items: page.items.filter(({ head }) => head.promptId < end) }
      }),
  },
  {
    name: 'takes a prefix in any case',
    caught: 'lists the prompts below a prefix',
    spoil: (right) =>
      paging(right, 'prompts', (query) =>
        right.page<'prompts'>({ ...query, prefix: query.prefix?.toLowerCase() }),
      ),
  },
  {
    name: 'forgets the filter after the first page',
    caught: 'lists the prompts of a source',
    spoil: (right) =>
      paging(right, 'prompts', (query) =>
        right.page<'prompts'>(query.cursor === undefined ? query : { ...query, source: undefined }),
      ),
  },
  {
    name: 'looks at the status of the latest version only',
    caught: 'lists the prompts whose stable or latest version has a status',
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        const items = page.items.filter(
          ({ latest }) => query.status === undefined || latest?.status === query.status,
        )
        return { ...page, items }
      }),
  },
  {
    name: 'leaves the release line out of a summary',
    caught: 'shows in a summary what a listing shows, and no deleted prompt',
    spoil: (right) =>
      paging(right, 'summaries', async (query) => {
        const page = await right.page<'summaries'>(query)
        return { ...page, items: page.items.map((row) => ({ ...row, head: { ...row.head, highest: null } })) }
      }),
  },
  {
    name: 'shows the stable version again as the latest one',
    caught: 'shows in a list the stable and the latest version of each prompt',
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        return { ...page, items: page.items.map((row) => ({ ...row, latest: row.stable })) }
      }),
  },
]
