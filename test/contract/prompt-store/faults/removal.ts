import type { VersionRecord } from '../../../../api/store/records.ts'
import { type PromptFault, paging, showing } from './spoiling.ts'

const ARCHIVED =
  'shows a prompt as archived, and where it moved, wherever its head is shown, until it is there again'
const RETIRED = 'has nothing stable of a retired prompt, in no list either, until there is something again'

const LISTED = 'lists a deleted prompt only if asked, and not at all once it belongs to nobody'
const PURGED = 'purges a deleted prompt of all but its events and what was revoked, however often'

export const removal: readonly PromptFault[] = [
  {
    name: 'lists deleted prompts like others',
    caught: LISTED,
    spoil: (right) =>
      paging(right, 'prompts', (query) => right.page<'prompts'>({ ...query, withDeleted: true })),
  },
  {
    name: 'never lists a deleted prompt',
    caught: LISTED,
    spoil: (right) =>
      paging(right, 'prompts', (query) => right.page<'prompts'>({ ...query, withDeleted: false })),
  },
  {
    name: 'purges nothing',
    caught: PURGED,
    spoil: () => ({ purge: async () => {} }),
  },
  {
    name: 'forgets what was revoked with a purge',
    caught: PURGED,
    spoil: (right) => {
      const purged = new Set<string>()
      return {
        async purge(id) {
          await right.purge(id)
          purged.add(id)
        },
        async find(id, query) {
          const found = await right.find(id, query)
          return purged.has(id) ? { ...found, byName: new Map(), sameContent: [] } : found
        },
      }
    },
  },
  {
    name: 'purges a prompt whose names stay taken',
    caught: 'takes the same versions and names again after a purge',
    spoil: (right) => {
      const purged = new Set<string>()
      return {
        async purge(id) {
          await right.purge(id)
          purged.add(id)
        },
        commit: async (change) =>
          purged.has(change.promptId) && change.names.length > 0 ? false : await right.commit(change),
      }
    },
  },
  {
    name: 'purges whatever it is asked to',
    caught: 'purges nothing of a prompt that is not deleted',
    spoil: (right) => {
      const purged = new Set<string>()
      return {
        purge: async (id) => void purged.add(id),
        snapshot: async (id) => (purged.has(id) ? undefined : await right.snapshot(id)),
      }
    },
  },
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
    name: 'forgets where a prompt moved',
    caught: ARCHIVED,
    spoil: showing(({ head: { movedTo: _, ...head }, ...versions }) => ({ head, ...versions })),
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
