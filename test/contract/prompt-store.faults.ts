import type { FoundVersions, PageItems, PageQueries, PromptStore } from '../../api/store/prompt-store.ts'
import type { Change, Snapshot, VersionRecord } from '../../api/store/records.ts'
import type { OpenStores } from './prompt-store.contract.ts'

/** One way for an adapter to be wrong, and the case that must notice. */
export interface Fault<T> {
  readonly name: string
  readonly caught: string
  readonly spoil: (right: T, stores: OpenStores) => Partial<T>
  /** Spoils what the adapter is when it is opened again. */
  readonly reopened?: (stores: OpenStores) => OpenStores['reopen']
}

type PromptFault = Fault<PromptStore>
type Query<K extends keyof PageQueries> = PageQueries[K] & { readonly of: K }

/** Spoils one kind of page and leaves the others. */
function paging<K extends keyof PageQueries>(
  right: PromptStore,
  of: K,
  spoiled: (
    query: Query<K>,
  ) => Promise<{ readonly items: readonly PageItems[K][]; readonly next: string | null }>,
): Partial<PromptStore> {
  const page = async (query: Query<keyof PageQueries>) =>
    query.of === of ? await spoiled(query as unknown as Query<K>) : await right.page(query as never)
  return { page: page as PromptStore['page'] }
}

/** All of a listing, sorted anew and cut by counting: what an adapter does that has no order of its own. */
async function resorted<K extends keyof PageQueries>(
  right: PromptStore,
  query: Query<K>,
  compare: (a: PageItems[K], b: PageItems[K]) => number,
) {
  const { items } = await right.page<K>({ ...query, limit: 1000, cursor: undefined } as never)
  return byCount([...items].sort(compare), query)
}

function byCount<T>(items: readonly T[], { limit, cursor }: { limit: number; cursor?: string | undefined }) {
  const start = Number(cursor ?? 0)
  const end = start + limit
  return { items: items.slice(start, end), next: end < items.length ? String(end) : null }
}

const committing = (spoiled: (change: Change) => Change) => (right: PromptStore) => ({
  commit: (change: Change) => right.commit(spoiled(change)),
})

const reading = (spoiled: (text: string) => string) => (right: PromptStore) => ({
  content: async (id: string, version: VersionRecord) => spoiled(await right.content(id, version)),
})

const showing =
  (spoiled: (snapshot: Snapshot, id: string) => Snapshot | undefined) => (right: PromptStore) => ({
    async snapshot(id: string) {
      const snapshot = await right.snapshot(id)
      return snapshot === undefined ? undefined : spoiled(snapshot, id)
    },
  })

const finding =
  (spoiled: (found: FoundVersions, query: Parameters<PromptStore['find']>[1]) => FoundVersions) =>
  (right: PromptStore) => ({
    find: async (id: string, query: Parameters<PromptStore['find']>[1]) =>
      spoiled(await right.find(id, query), query),
  })

/** Commits whatever revision the change was decided on. */
const forcing = (when: (change: Change, there: number) => boolean) => (right: PromptStore) => ({
  async commit(change: Change) {
    const there = (await right.snapshot(change.promptId))?.head.revision ?? 0
    return await right.commit(when(change, there) ? { ...change, expectedRevision: there } : change)
  },
})

const OLD = 'refuses a change that was decided on an older revision, and writes nothing of it'
const TOGETHER = 'writes head, versions, names, text and events of one change together'
const BYTES = 'keeps every text byte for byte'

const reads: readonly PromptFault[] = [
  {
    name: 'invents a prompt that is not there',
    caught: 'finds nothing where no prompt is',
    spoil: (right) => ({
      snapshot: async (id) =>
        (await right.snapshot(id)) ?? ({ head: { promptId: id }, stable: null, latest: null } as Snapshot),
    }),
  },
  {
    name: 'forgets the tokens of leases',
    caught: 'gives a head back as it was committed, every field of it',
    spoil: showing((snapshot) => ({ ...snapshot, head: { ...snapshot.head, fences: {} } })),
  },
  {
    name: 'forgets the config of versions',
    caught: 'gives a version back as it was committed, every field of it',
    spoil: showing((snapshot) => ({
      ...snapshot,
      latest: snapshot.latest && { ...snapshot.latest, config: null },
    })),
  },
  {
    name: 'sorts the tags',
    caught: 'gives a version back as it was committed, every field of it',
    spoil: committing((change) => ({
      ...change,
      versions: change.versions.map((version) => ({ ...version, tags: [...version.tags].sort() })),
    })),
  },
  {
    name: 'gives the stable version as the latest',
    caught: 'gives both the stable and the latest version where they differ',
    spoil: showing((snapshot) => ({ ...snapshot, latest: snapshot.stable ?? snapshot.latest })),
  },
  {
    name: 'finds a prompt only as it is written',
    caught: 'finds a prompt by an id that differs by case, and says how it is written',
    spoil: showing((snapshot, id) => (snapshot.head.promptId === id ? snapshot : undefined)),
  },
  {
    name: 'says that a prompt is written as it was asked for',
    caught: 'finds a prompt by an id that differs by case, and says how it is written',
    spoil: showing((snapshot, id) => ({ ...snapshot, head: { ...snapshot.head, promptId: id } })),
  },
  ...Object.entries({
    'turns Windows line ends into plain ones': (text: string) => text.replaceAll('\r\n', '\n'),
    'drops a byte order mark': (text: string) => text.replace(/^\uFEFF/, ''),
    'composes letters': (text: string) => text.normalize('NFC'),
    'keeps 16 bits of every character': (text: string) => text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, '?'),
    'drops what it takes for broken': (text: string) => text.replaceAll('\uFFFD', ''),
    'trims texts': (text: string) => text.trim(),
    'ends every text with a line end': (text: string) => (text.endsWith('\n') ? text : `${text}\n`),
  }).map(([name, spoiled]) => ({ name, caught: BYTES, spoil: reading(spoiled) })),
  {
    name: 'cuts texts at 64 KiB',
    caught: 'keeps a text of the largest size',
    spoil: reading((text) => text.slice(0, 64 * 1024)),
  },
  {
    name: 'keeps one text for each label',
    caught: 'keeps the texts of prompts and labels apart',
    spoil: (right) => {
      const texts = new Map<string, string>()
      return {
        async content(id, version) {
          const text = texts.get(version.label) ?? (await right.content(id, version))
          texts.set(version.label, text)
          return text
        },
      }
    },
  },
]

const commits: readonly PromptFault[] = [
  ...Object.entries({
    events: { events: [] },
    names: { names: [] },
    text: { content: null },
  }).map(([part, nothing]) => ({
    name: `writes the head without the ${part}`,
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, ...nothing })),
  })),
  {
    name: 'writes only the last version of a change',
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, versions: change.versions.slice(0, 1) })),
  },
  {
    name: 'writes the first event of a change only',
    caught: TOGETHER,
    spoil: committing((change) => ({ ...change, events: change.events.slice(0, 1) })),
  },
  {
    name: 'does not look at the expected revision',
    caught: OLD,
    spoil: forcing(() => true),
  },
  {
    name: 'says no, but keeps the names',
    caught: OLD,
    spoil: (right) => ({
      async commit(change) {
        const done = await right.commit(change)
        const head = done ? undefined : (await right.snapshot(change.promptId))?.head
        if (head !== undefined) {
          const { revision: expectedRevision } = head
          await right.commit({ ...change, expectedRevision, head, content: null, events: [] })
        }
        return done
      },
    }),
  },
  {
    name: 'overwrites a prompt that is there with a new one',
    caught: 'refuses a new prompt where one is there already, and writes nothing of it',
    spoil: forcing((change) => change.expectedRevision === 0),
  },
  {
    name: 'takes an id in another case for a new prompt',
    caught: 'refuses a new prompt whose id differs from one that is there only by case',
    spoil: (right) => {
      const written = new Map<string, Change>()
      return {
        async commit(change) {
          const first = written.get(change.promptId) === undefined && change.expectedRevision === 0
          written.set(change.promptId, change)
          return (await right.commit(change)) || first
        },
      }
    },
  },
  {
    name: 'makes the prompt that a change misses',
    caught: 'refuses a change of a prompt that is not there, and writes nothing of it',
    spoil: forcing((_, there) => there === 0),
  },
  {
    name: 'only refuses revisions that are too low',
    caught: 'refuses a change that was decided on a later revision than there is',
    spoil: forcing((change, there) => there > 0 && change.expectedRevision > there),
  },
  {
    name: 'tells everybody that they won',
    caught: 'lets exactly one of many changes of the same revision win',
    spoil: (right) => ({ commit: async (change) => (await right.commit(change)) || true }),
  },
  {
    name: 'checks the revision and writes a moment later',
    caught: 'lets exactly one of many changes of the same revision win',
    spoil: (right) => ({
      async commit(change) {
        const there = (await right.snapshot(change.promptId))?.head.revision ?? 0
        if (there !== change.expectedRevision) return false
        await new Promise(setImmediate)
        const now = (await right.snapshot(change.promptId))?.head.revision ?? 0
        await right.commit({ ...change, expectedRevision: now, events: now === there ? change.events : [] })
        return true
      },
    }),
  },
  {
    name: 'lets the last new prompt win',
    caught: 'lets exactly one of many new prompts of one id win',
    spoil: (right) => ({ commit: async (change) => (await right.commit(change)) || !change.head.stable }),
  },
  {
    name: 'keeps fields of a version that its replacement lacks',
    caught: 'replaces a version whole',
    spoil: (right) => ({
      async commit(change) {
        const latest = (await right.snapshot(change.promptId))?.latest
        const versions = change.versions.map((version) => {
          const set = Object.entries(version).filter(([, value]) => value !== null)
          return version.label === latest?.label ? { ...latest, ...Object.fromEntries(set) } : version
        })
        return await right.commit({ ...change, versions: versions as VersionRecord[] })
      },
    }),
  },
  {
    name: 'finds by text in every prompt below',
    caught: 'keeps prompts apart that have the same labels, names and texts',
    spoil: (right) => ({
      async find(id, query) {
        const [own, above] = [await right.find(id, query), await right.find(id.split('/')[0] ?? id, query)]
        return { ...own, sameContent: [...new Set([...above.sameContent, ...own.sameContent])] }
      },
    }),
  },
]

const moments: readonly PromptFault[] = [
  {
    name: 'reads the head and then its versions',
    caught: 'shows every reader one moment while commits go on',
    spoil: (right) => ({
      async snapshot(id) {
        const snapshot = await right.snapshot(id)
        const label = snapshot?.head.stable
        if (snapshot === undefined || label == null) return snapshot
        await new Promise(setImmediate)
        const stable = (await right.find(id, { names: [label] })).byName.get(label) ?? null
        return { ...snapshot, stable }
      },
    }),
  },
  {
    name: 'remembers a snapshot for a while',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => {
      let calls = 0
      let remembered: Snapshot | undefined
      return {
        async snapshot(id) {
          if (calls++ % 3 === 0) remembered = await right.snapshot(id)
          return remembered
        },
      }
    },
  },
  {
    name: 'remembers what it found',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => {
      const remembered = new Map<string, FoundVersions>()
      return {
        async find(id, query) {
          const key = JSON.stringify([id, query])
          const found = remembered.get(key) ?? (await right.find(id, query))
          remembered.set(key, found)
          return found
        },
      }
    },
  },
  {
    name: 'answers before it has written',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => ({
      async commit(change) {
        right.commit(change).catch(() => undefined)
        return true
      },
    }),
  },
]

const withNames = (found: FoundVersions, keep: (key: string, version: VersionRecord) => boolean) => ({
  ...found,
  byName: new Map([...found.byName].filter(([key, version]) => keep(key, version))),
})

const finds: readonly PromptFault[] = [
  {
    name: 'finds names as they are written and not by their keys',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: finding((found) =>
      withNames(found, (key, version) => [version.label, ...version.aliases].includes(key)),
    ),
  },
  {
    name: 'finds labels only',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: finding((found) => withNames(found, (key, version) => key === version.label || key === '2.0.0')),
  },
  {
    name: 'finds names in any case',
    caught: 'finds a version by the key of its label and of every alias, and by nothing else',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        const lower = await right.find(id, { names: query.names?.map((name) => name.toLowerCase()) ?? [] })
        const byName = new Map(found.byName)
        for (const name of query.names ?? []) {
          const version = found.byName.get(name) ?? lower.byName.get(name.toLowerCase())
          if (version !== undefined) byName.set(name, version)
        }
        return { ...found, byName }
      },
    }),
  },
  {
    name: 'looks up 25 names at most',
    caught: 'finds a version by many names asked for at once',
    spoil: (right) => ({
      find: (id, query) =>
        right.find(id, { ...query, ...(query.names && { names: query.names.slice(0, 25) }) }),
    }),
  },
  {
    name: 'finds the last version with an identity',
    caught: 'finds the first version with an identity',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        const { sameIdentity } = found
        if (sameIdentity === null) return found
        const { sameContent } = await right.find(id, { contentSha256: sameIdentity.contentSha256 })
        return { ...found, sameIdentity: sameContent.at(-1) ?? null }
      },
    }),
  },
  {
    name: 'finds one version with a text',
    caught: 'finds every version with a text, whatever its config, in the order of their pushes',
    spoil: finding((found) => ({ ...found, sameContent: found.sameContent.slice(0, 1) })),
  },
  {
    name: 'finds versions with a text by label',
    caught: 'finds every version with a text, whatever its config, in the order of their pushes',
    spoil: finding((found) => ({
      ...found,
      sameContent: [...found.sameContent].sort((a, b) => (a.label < b.label ? -1 : 1)),
    })),
  },
  {
    name: 'takes no text for any text',
    caught: 'gives nothing that was not asked for',
    spoil: (right) => ({
      async find(id, query) {
        const found = await right.find(id, query)
        if (query.contentSha256 !== undefined) return found
        const { items } = await right.page<'versions'>({ of: 'versions', promptId: id, limit: 100 })
        return { ...found, sameContent: items }
      },
    }),
  },
]

const BY_ID = 'lists prompts by id in code units, page by page to the end'

const ARCHIVED = 'shows a prompt as archived wherever its head is shown, until it is there again'
const RETIRED = 'has nothing stable of a retired prompt, in no list either, until there is something again'

const pages: readonly PromptFault[] = [
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
          ({ latestStatus }) => query.status === undefined || latestStatus === query.status,
        )
        return { ...page, items }
      }),
  },
  {
    name: 'shows what the stable version says where the latest says nothing',
    caught: 'shows in a list what the latest version says, else the stable one',
    spoil: (right) =>
      paging(right, 'prompts', async (query) => {
        const page = await right.page<'prompts'>(query)
        const told = async (row: PageItems['prompts']) => {
          if (row.description !== null) return row
          const stable = (await right.snapshot(row.head.promptId))?.stable
          return { ...row, description: stable?.description ?? null }
        }
        return { ...page, items: await Promise.all(page.items.map(told)) }
      }),
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
  {
    name: 'lists versions by label',
    caught: 'lists versions newest first, page by page to the end',
    spoil: (right) =>
      paging(right, 'versions', (query) => resorted(right, query, (a, b) => (a.label < b.label ? 1 : -1))),
  },
  {
    name: 'lists events oldest first',
    caught: 'lists events newest first, page by page to the end',
    spoil: (right) =>
      paging(right, 'events', (query) => resorted(right, query, (a, b) => a.sequence - b.sequence)),
  },
  {
    name: 'counts where its next page starts',
    caught: 'goes on where a page ended, also when something was added meanwhile',
    spoil: (right) =>
      paging(right, 'versions', (query) => resorted(right, query, (a, b) => b.order - a.order)),
  },
]

const FROM_THE_HIGHEST = 'lists the names that are releases from the highest down, pre-releases below theirs'
const AT_OR_BELOW = 'lists the releases at or below one, whether that one is there or not'

const releases: readonly PromptFault[] = [
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

const storage: readonly PromptFault[] = [
  {
    name: 'fails its check',
    caught: 'answers its check',
    spoil: () => ({ check: () => Promise.reject(new Error('never')) }),
  },
  {
    name: 'has lost its events when it is opened again',
    caught: 'has everything when it is opened again',
    spoil: () => ({}),
    reopened:
      ({ reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again === undefined) throw new Error('nothing to open again')
        const nothing = async () => ({ items: [], next: null })
        return { ...again, prompts: { ...again.prompts, ...paging(again.prompts, 'events', nothing) } }
      },
  },
  {
    name: 'throws errors of its own',
    caught: 'says that it is busy or unavailable when its storage cannot be reached',
    spoil: (right) => ({
      snapshot: (id) => right.snapshot(id).catch((error) => Promise.reject(new Error(String(error)))),
    }),
  },
  {
    name: 'takes a storage that it cannot reach for an empty one',
    caught: 'says that it is busy or unavailable when its storage cannot be reached',
    spoil: (right) => ({ snapshot: (id) => right.snapshot(id).catch(() => undefined) }),
  },
]

export const promptFaults: readonly PromptFault[] = [
  ...reads,
  ...commits,
  ...moments,
  ...finds,
  ...pages,
  ...releases,
  ...storage,
]
