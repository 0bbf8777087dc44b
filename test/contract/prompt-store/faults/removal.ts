import type { VersionRecord } from '../../../../api/store/records.ts'
import { type PromptFault, paging, showing } from './spoiling.ts'

const ARCHIVED = 'shows a prompt as archived wherever its head is shown, until it is there again'
const RETIRED = 'has nothing stable of a retired prompt, in no list either, until there is something again'

export const removal: readonly PromptFault[] = [
  {
    name: 'lists no prompt as archived',
    caught: ARCHIVED,
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        const items = page.items.map((row) => {
          const { archived: _, ...head } = row.head
          return { ...row, head }
        })
        return { ...page, items }
      }),
  },
  {
    name: 'forgets that a prompt is archived',
    caught: ARCHIVED,
    spoil: showing(({ head: { archived: _, ...head }, ...versions }) => ({ head, ...versions })),
  },
  {
    name: 'keeps a prompt archived for ever',
    caught: ARCHIVED,
    spoil: (right) => {
      const archived = new Set<string>()
      return {
        async commit(change) {
          if (change.head.archived === true) archived.add(change.promptId)
          const head = { ...change.head, ...(archived.has(change.promptId) && { archived: true as const }) }
          return await right.commit({ ...change, head })
        },
      }
    },
  },
  {
    name: 'keeps in its snapshot what was stable before a prompt was retired',
    caught: RETIRED,
    spoil: (right) => {
      let last: VersionRecord | null = null
      return showing((snapshot) => {
        last = snapshot.stable ?? last
        return { ...snapshot, stable: last ?? snapshot.latest }
      })(right)
    },
  },
  {
    name: 'lists a retired prompt among the stable ones',
    caught: RETIRED,
    spoil: (right) =>
      paging(right, 'prompts', (query) =>
        right.page<'prompts'>({ ...query, status: query.status === 'stable' ? undefined : query.status }),
      ),
  },
  {
    name: 'forgets the release at which a prompt was retired',
    caught: RETIRED,
    spoil: showing(({ head: { retired: _, ...head }, ...versions }) => ({ head, ...versions })),
  },
]
