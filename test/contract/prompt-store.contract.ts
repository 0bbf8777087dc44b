import { expect } from 'vitest'
import { RegistryError, type Release } from '../../api/contract/index.ts'
import type { Page, PageItems, PageQueries, PromptStore } from '../../api/store/prompt-store.ts'
import type { Change } from '../../api/store/records.ts'
import type { SourceStore } from '../../api/store/source-store.ts'
import { claim, type ScriptedPrompt, scriptedPrompt } from '../support/registry-records.ts'

export interface Stores {
  readonly prompts: PromptStore
  readonly sources: SourceStore
}

/** What a test of a store adapter provides. */
export interface StoreHarness {
  /** Both stores, empty. */
  open(): Promise<OpenStores>
  /** Both stores with nothing to reach behind them. */
  unreachable?(): Promise<Stores & { close(): Promise<void> }>
}

export interface OpenStores extends Stores {
  /** The same stores opened once more; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<Stores>
  close(): Promise<void>
}

/** What a case needs that not every adapter has. */
export type StoreNeed = 'reopen' | 'unreachable'

export interface PromptStoreCase {
  readonly name: string
  readonly needs?: StoreNeed
  run(stores: OpenStores): Promise<void>
}

export async function commitAll(store: PromptStore, ...changes: readonly Change[]): Promise<void> {
  for (const change of changes) expect(await store.commit(change), 'a commit in order').toBe(true)
}

/** Every page of a listing, one after another. */
async function pages<K extends keyof PageQueries>(
  store: PromptStore,
  query: PageQueries[K] & { readonly of: K },
): Promise<readonly PageItems[K][]> {
  const items: PageItems[K][] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page: Page<PageItems[K]> = await store.page<K>({ ...query, cursor } as never)
    expect(page.items.length).toBeLessThanOrEqual(query.limit)
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

const TEXTS: Readonly<Record<string, string>> = {
  'with Windows line ends': 'one\r\ntwo\r\n',
  'with lone carriage returns': 'one\rtwo\r\r\n',
  'with a byte order mark': '\uFEFFone',
  'with byte order marks inside and at the end': 'one\uFEFFtwo\uFEFF',
  'with the replacement character': 'one \uFFFD two',
  'with characters beyond 16 bits': 'a 😀 b 𝒳 c \u{10FFFF}',
  'with composed and decomposed letters': 'é e\u0301 Å A\u030A \u212B',
  'with control characters': '\u0001\u0007\u001B[0m\u007F\u0085\u2028\u2029',
  'that is white space': ' \t\n \u00A0\u3000 ',
  'that ends without a line end': 'one\ntwo',
  'that ends with many': 'one\n\n\n',
  'that looks like SQL': `'; DROP TABLE prompts; --"\\`,
  'that looks like JSON': '{"a": "\\u0000", "b": null}',
  'of one character': 'x',
}

const snapshots: readonly PromptStoreCase[] = [
  {
    name: 'finds nothing where no prompt is',
    async run({ prompts }) {
      expect(await prompts.snapshot('nobody')).toBeUndefined()
      const found = await prompts.find('nobody', { names: ['1.0.0'], identity: 'x', contentSha256: 'y' })
      expect({ ...found, byName: [...found.byName] }).toEqual({
        byName: [],
        sameIdentity: null,
        sameContent: [],
      })
      expect(await pages(prompts, { of: 'prompts', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'versions', promptId: 'nobody', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'events', promptId: 'nobody', limit: 10 })).toEqual([])
      expect(await pages(prompts, { of: 'releases', promptId: 'nobody', from: null, limit: 10 })).toEqual([])
    },
  },
  {
    name: 'gives a head back as it was committed, every field of it',
    async run({ prompts }) {
      const script = scriptedPrompt('team/triage')
      const first = script.push('one')
      await commitAll(prompts, first)
      const label = first.head.latest ?? ''
      const { identity } = script.version(label)
      const since = '2026-02-01T00:00:00.000Z'
      await commitAll(
        prompts,
        script.amend({
          head: {
            withdrawn: label,
            latest: null,
            owner: 'support',
            hold: {
              kind: 'until_release',
              since,
              actor: 'Ünal',
              reason: 'a "reason"\n',
              rolledBackFrom: { label, identity },
            },
            highest: { release: '1.2.3-rc.1+b.5', label, identity },
            fences: { support: 7, 'other.git': 12 },
            updatedAt: since,
          },
          events: ['held', 'release_raised'],
        }),
      )
      expect(await prompts.snapshot('team/triage')).toEqual({
        head: script.head(),
        stable: null,
        latest: null,
      })
    },
  },
  {
    name: 'gives a version back as it was committed, every field of it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const change = script.push('one', {
        label: '1.0.0-rc.1+b',
        status: 'stable',
        variables: ['name', { name: 'tone', default: 'kurz 😀' }],
        config: { model: 'm', temperature: 0.1, stop: [null, true, '\r\n'], deep: { a: { b: [] } } },
        description: 'é "quoted"\r\n\uFEFF',
        tags: ['b', 'a', 'a b', 'ß'],
        aliases: ['2.0.0', 'x'],
        origin: { source: 'git', repository: 'r', commit: 'c', path: 'p.txt', author: 'Zoë' },
        release: '2.0.0',
        promotedOver: 'before',
        updatedAt: '2026-03-01T00:00:00.000Z',
        releasedAt: '2026-02-01T00:00:00.000Z',
      })
      const { label } = script.version('1.0.0-rc.1+b')
      const head = { ...change.head, stable: label }
      await commitAll(prompts, { ...change, head })
      const version = script.version(label)
      expect(await prompts.snapshot('p')).toEqual({ head, stable: version, latest: version })
    },
  },
  {
    name: 'gives both the stable and the latest version where they differ',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const one = script.push('one')
      const stable = one.head.latest ?? ''
      const changes = [one, script.promote(stable), script.push('two')]
      await commitAll(prompts, ...changes)
      const latest = script.head().latest ?? ''
      expect(await prompts.snapshot('p')).toEqual({
        head: script.head(),
        stable: script.version(stable),
        latest: script.version(latest),
      })
    },
  },
  {
    name: 'finds a prompt by an id that differs by case, and says how it is written',
    async run({ prompts }) {
      const script = scriptedPrompt('Team/Triage')
      await commitAll(prompts, script.push('one'))
      const key = script.head().latest ?? ''
      for (const id of ['Team/Triage', 'team/triage', 'TEAM/TRIAGE']) {
        const snapshot = await prompts.snapshot(id)
        expect(snapshot?.head.promptId, id).toBe('Team/Triage')
        expect((await prompts.find(id, { names: [key] })).byName.get(key), id).toEqual(script.version(key))
        expect(await pages(prompts, { of: 'versions', promptId: id, limit: 5 }), id).toHaveLength(1)
        expect(await pages(prompts, { of: 'events', promptId: id, limit: 5 }), id).toHaveLength(1)
      }
      expect(await prompts.snapshot('team-triage')).toBeUndefined()
    },
  },
  {
    name: 'keeps every text byte for byte',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      for (const text of Object.values(TEXTS)) await commitAll(prompts, script.push(text))
      const versions = await pages(prompts, { of: 'versions', promptId: 'p', limit: 1000 })
      const read = await Promise.all(versions.map((version) => prompts.content('p', version)))
      expect(read.reverse()).toEqual(Object.values(TEXTS))
    },
  },
  {
    name: 'keeps a text of the largest size',
    async run({ prompts }) {
      const text = '😀'.repeat((256 * 1024) / 4)
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push(text))
      const snapshot = await prompts.snapshot('p')
      if (snapshot?.latest == null) throw new Error('no latest version')
      expect((await prompts.content('p', snapshot.latest)) === text).toBe(true)
    },
  },
  {
    name: 'keeps the texts of prompts and labels apart',
    async run({ prompts }) {
      const [a, b] = [scriptedPrompt('a'), scriptedPrompt('b')]
      await commitAll(
        prompts,
        a.push('text of a', { label: '1.0.0' }),
        b.push('text of b', { label: '1.0.0' }),
      )
      await commitAll(prompts, b.push('text of a', { label: '2.0.0' }))
      expect(await prompts.content('a', a.version('1.0.0'))).toBe('text of a')
      expect(await prompts.content('b', b.version('1.0.0'))).toBe('text of b')
      expect(await prompts.content('b', b.version('2.0.0'))).toBe('text of a')
    },
  },
]

/** All that a change could have left behind in a prompt. */
async function everything(prompts: PromptStore, id: string, keys: readonly string[]) {
  const found = await prompts.find(id, { names: keys })
  return {
    snapshot: await prompts.snapshot(id),
    names: [...found.byName],
    versions: await pages(prompts, { of: 'versions', promptId: id, limit: 100 }),
    events: await pages(prompts, { of: 'events', promptId: id, limit: 100 }),
    releases: await pages(prompts, { of: 'releases', promptId: id, from: null, limit: 100 }),
  }
}

/** A change that touches all there is to touch, so that any part of it that stays would be seen. */
function fullChange(script: ScriptedPrompt, content: string): Change {
  const change = script.push(content, { label: content, status: 'stable' })
  const label = change.head.latest ?? ''
  return {
    ...change,
    head: { ...change.head, stable: label, owner: content },
    names: [...change.names, claim(`9.0.0-${content}`, label, `9.0.0-${content}`)],
  }
}

const KEYS = ['first', 'second', 'third', '9.0.0-first', '9.0.0-second', '9.0.0-third']

async function expectRefused(prompts: PromptStore, id: string, change: Change): Promise<void> {
  const before = await everything(prompts, id, KEYS)
  expect(await prompts.commit(change)).toBe(false)
  expect(await everything(prompts, id, KEYS)).toEqual(before)
}

const commits: readonly PromptStoreCase[] = [
  {
    name: 'writes head, versions, names, text and events of one change together',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, fullChange(script, 'first'))
      const second = fullChange(script, 'second')
      const deprecated = { ...script.version('first'), status: 'deprecated' as const }
      const change = {
        ...second,
        versions: [...second.versions, deprecated],
        head: { ...second.head, revision: second.head.revision + 1 },
        events: [
          ...second.events,
          ...scriptedPrompt('p', second.head).amend({ events: ['promoted'] }).events,
        ],
      }
      await commitAll(prompts, change)
      const all = await everything(prompts, 'p', KEYS)
      const version = script.version('second')
      expect(all.snapshot).toEqual({ head: change.head, stable: version, latest: version })
      expect(all.names).toEqual([
        ['first', deprecated],
        ['second', version],
        ['9.0.0-first', deprecated],
        ['9.0.0-second', version],
      ])
      expect(all.versions).toEqual([version, deprecated])
      expect(all.events.slice(0, 2)).toEqual([...change.events].reverse())
      expect(all.events.map((event) => event.sequence)).toEqual([3, 2, 1])
      expect(all.releases.map((name) => name.label)).toEqual(['second', 'first'])
      expect(await prompts.content('p', version)).toBe('second')
    },
  },
  {
    name: 'refuses a change that was decided on an older revision, and writes nothing of it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, fullChange(script, 'first'))
      const late = script.fork()
      const deprecate = script.amend({ head: { stable: null }, versions: [] })
      const unstable = { ...script.version('first'), status: 'deprecated' as const }
      await commitAll(prompts, { ...deprecate, versions: [unstable] })
      await expectRefused(prompts, 'p', fullChange(late, 'second'))
    },
  },
  {
    name: 'refuses a new prompt where one is there already, and writes nothing of it',
    async run({ prompts }) {
      await commitAll(prompts, fullChange(scriptedPrompt('p'), 'first'))
      await expectRefused(prompts, 'p', fullChange(scriptedPrompt('p'), 'second'))
    },
  },
  {
    name: 'refuses a new prompt whose id differs from one that is there only by case',
    async run({ prompts }) {
      await commitAll(prompts, fullChange(scriptedPrompt('team/Triage'), 'first'))
      await expectRefused(prompts, 'team/Triage', fullChange(scriptedPrompt('Team/triage'), 'second'))
      const listed = await pages(prompts, { of: 'prompts', limit: 10 })
      expect(listed.map(({ head }) => head.promptId)).toEqual(['team/Triage'])
    },
  },
  {
    name: 'refuses a change of a prompt that is not there, and writes nothing of it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      script.push('zero')
      await expectRefused(prompts, 'p', fullChange(script, 'first'))
      expect(await prompts.snapshot('p')).toBeUndefined()
    },
  },
  {
    name: 'refuses a change that was decided on a later revision than there is',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('zero'))
      script.push('never committed')
      await expectRefused(prompts, 'p', fullChange(script, 'first'))
    },
  },
  {
    name: 'lets exactly one of many changes of the same revision win',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('start'))
      const rivals = Array.from({ length: 12 }, (_, index) =>
        script.fork().push(`rival ${index}`, { label: `r${index}` }),
      )
      const won = await Promise.all(rivals.map((change) => prompts.commit(change)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = rivals[won.indexOf(true)]
      expect((await prompts.snapshot('p'))?.head).toEqual(winner?.head)
      const versions = await pages(prompts, { of: 'versions', promptId: 'p', limit: 100 })
      expect(versions.map(({ label }) => label)).toEqual([winner?.head.latest, script.head().latest])
      expect(await pages(prompts, { of: 'events', promptId: 'p', limit: 100 })).toHaveLength(2)
    },
  },
  {
    name: 'lets exactly one of many new prompts of one id win',
    async run({ prompts }) {
      const ids = ['p', 'P', 'p', 'P', 'p', 'P']
      const rivals = ids.map((id, index) => scriptedPrompt(id).push(`rival ${index}`))
      const won = await Promise.all(rivals.map((change) => prompts.commit(change)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect((await prompts.snapshot('p'))?.head).toEqual(rivals[won.indexOf(true)]?.head)
    },
  },
  {
    name: 'replaces a version whole',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const rich = {
        description: 'd',
        tags: ['t'],
        aliases: ['x'],
        release: '1.0.0',
        promotedOver: 'y',
        releasedAt: '2026-02-01T00:00:00.000Z',
        origin: { source: 'git' },
      }
      await commitAll(prompts, script.push('one', { ...rich, label: 'a' }))
      const bare = { ...script.version('a'), description: null, tags: [], aliases: [], origin: null }
      const emptied = { ...bare, release: null, promotedOver: null, releasedAt: null }
      await commitAll(prompts, script.amend({ versions: [emptied] }))
      expect((await prompts.snapshot('p'))?.latest).toEqual(emptied)
    },
  },
  {
    name: 'keeps prompts apart that have the same labels, names and texts',
    async run({ prompts }) {
      const [a, b] = [scriptedPrompt('a'), scriptedPrompt('a/b')]
      await commitAll(prompts, a.push('same', { label: 'v' }), b.push('same', { label: 'v' }))
      const before = await everything(prompts, 'a/b', ['v', '1.0.0'])
      await commitAll(prompts, a.promote('v'), a.name('v', '1.0.0', '1.0.0'))
      expect(await everything(prompts, 'a/b', ['v', '1.0.0'])).toEqual(before)
      expect(
        (await prompts.find('a/b', { contentSha256: b.version('v').contentSha256 })).sameContent,
      ).toEqual([b.version('v')])
    },
  },
]

/** Two texts that take turns in being stable, forever. */
async function swapping(prompts: PromptStore, times: number): Promise<ScriptedPrompt> {
  const script = scriptedPrompt('p')
  await commitAll(prompts, script.push('a', { label: 'a' }), script.push('b', { label: 'b' }))
  await commitAll(prompts, script.promote('a'))
  for (let turn = 0; turn < times; turn++) {
    await commitAll(prompts, script.promote(script.head().stable === 'a' ? 'b' : 'a'))
  }
  return script
}

const moments: readonly PromptStoreCase[] = [
  {
    name: 'shows every reader one moment while commits go on',
    async run({ prompts }) {
      let writing = true
      const moments: string[] = []
      const watch = async () => {
        while (writing) {
          // Gives way also where the adapter answers at once: nothing else would ever run.
          await new Promise(setImmediate)
          const snapshot = await prompts.snapshot('p')
          if (snapshot?.head.stable == null) continue
          moments.push(`${snapshot.head.stable} ${snapshot.stable?.label} ${snapshot.stable?.status}`)
        }
      }
      const readers = [watch(), watch(), watch()]
      await swapping(prompts, 40).finally(() => {
        writing = false
      })
      await Promise.all(readers)
      expect(moments.length).toBeGreaterThan(0)
      expect(new Set(moments)).toEqual(new Set(['a a stable', 'b b stable']))
    },
  },
  {
    name: 'shows a commit that has answered to every read that starts after it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('a', { label: 'a' }), script.push('b', { label: 'b' }))
      for (let turn = 0; turn < 10; turn++) {
        const label = turn % 2 === 0 ? 'a' : 'b'
        await commitAll(prompts, script.promote(label))
        const [snapshot, found] = await Promise.all([
          prompts.snapshot('p'),
          prompts.find('p', { names: ['a', 'b'] }),
        ])
        expect(snapshot?.head).toEqual(script.head())
        expect(snapshot?.stable).toEqual(script.version(label))
        expect([...found.byName.values()]).toEqual([script.version('a'), script.version('b')])
      }
    },
  },
]

const finding: readonly PromptStoreCase[] = [
  {
    name: 'finds a version by the key of its label and of every alias, and by nothing else',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { label: 'v2' }), script.push('two', { label: 'abc' }))
      await commitAll(prompts, script.name('abc', 'v1.3', null), script.name('abc', 'Blue', null))
      const names = ['2.0.0', '1.3.0', 'abc', 'Blue', 'v2', 'v1.3', '1.3', 'blue', 'ABC', 'absent']
      const found = await prompts.find('p', { names })
      const labels = Object.fromEntries([...found.byName].map(([key, version]) => [key, version.label]))
      expect(labels).toEqual({ '2.0.0': 'v2', '1.3.0': 'abc', abc: 'abc', Blue: 'abc' })
    },
  },
  {
    name: 'finds a version by many names asked for at once',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { label: 'a' }))
      const names = Array.from({ length: 90 }, (_, index) => claim(`1.0.${index}`, 'a', `1.0.${index}`))
      await commitAll(prompts, script.amend({ names }))
      const keys = names.map(({ key }) => key)
      expect([...(await prompts.find('p', { names: keys })).byName.keys()].sort()).toEqual(keys.sort())
    },
  },
  {
    name: 'finds the first version with an identity',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('other', { label: 'a' }), script.push('same', { label: 'z' }))
      await commitAll(prompts, script.push('same', { label: 'b' }))
      const { identity } = script.version('b')
      expect((await prompts.find('p', { identity })).sameIdentity).toEqual(script.version('z'))
      expect((await prompts.find('p', { identity: 'f'.repeat(64) })).sameIdentity).toBeNull()
    },
  },
  {
    name: 'finds every version with a text, whatever its config, in the order of their pushes',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(
        prompts,
        script.push('same', { label: 'z', config: { model: 'x' } }),
        script.push('other', { label: 'y' }),
        script.push('same', { label: 'a' }),
        script.push('same', { label: 'm', variables: ['who'] }),
      )
      const { contentSha256 } = script.version('a')
      const { sameContent } = await prompts.find('p', { contentSha256 })
      expect(sameContent).toEqual(['z', 'a', 'm'].map(script.version))
    },
  },
  {
    name: 'gives nothing that was not asked for',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { label: 'a' }))
      const found = await prompts.find('p', {})
      expect({ ...found, byName: [...found.byName] }).toEqual({
        byName: [],
        sameIdentity: null,
        sameContent: [],
      })
    },
  },
]

const IDS = ['B', 'a', 'a-b', 'a.b', 'a/b', 'a0', 'aB', 'a_b', 'a/b/c', 'c', 'a/c', 'D', 'z9']
const IN_ORDER = [...IDS].sort()

async function withPrompts(prompts: PromptStore, ids: readonly string[] = IDS): Promise<void> {
  for (const id of ids) await commitAll(prompts, scriptedPrompt(id).push('one'))
}

async function listed(
  prompts: PromptStore,
  query: Omit<PageQueries['prompts'], 'of' | 'limit'>,
  limit = 2,
): Promise<string[]> {
  return (await pages(prompts, { of: 'prompts', limit, ...query })).map(({ head }) => head.promptId)
}

async function listedHeads(prompts: PromptStore) {
  return (await pages(prompts, { of: 'prompts', limit: 2 })).map(({ head }) => head)
}

/** A snapshot and the list both show the head as it was committed, and the versions that it names. */
async function expectShown(
  prompts: PromptStore,
  script: ScriptedPrompt,
  { stable, latest }: { readonly stable: string | null; readonly latest: string },
): Promise<void> {
  expect(await prompts.snapshot(script.id)).toEqual({
    head: script.head(),
    stable: stable && script.version(stable),
    latest: script.version(latest),
  })
  expect(await listedHeads(prompts)).toEqual([script.head()])
}

const listing: readonly PromptStoreCase[] = [
  {
    name: 'lists prompts by id in code units, page by page to the end',
    async run({ prompts }) {
      await withPrompts(prompts)
      for (const limit of [1, 2, 5, IDS.length, 1000]) {
        expect(await listed(prompts, {}, limit), `pages of ${limit}`).toEqual(IN_ORDER)
      }
    },
  },
  {
    name: 'lists the prompts below a prefix',
    async run({ prompts }) {
      await withPrompts(prompts)
      for (const prefix of ['a', 'a/', 'a/b', 'a/b/c', 'B', 'b', 'A', 'aB', 'nothing', '']) {
        const expected = IN_ORDER.filter((id) => id.startsWith(prefix))
        expect(await listed(prompts, { prefix }), `prefix "${prefix}"`).toEqual(expected)
      }
    },
  },
  {
    name: 'lists the prompts of a source',
    async run({ prompts }) {
      for (const [index, id] of IDS.entries()) {
        const owner = [null, 'git', 'Git'][index % 3] ?? null
        await commitAll(prompts, scriptedPrompt(id).push('one', {}, { owner }))
      }
      const of = (rest: number) => IDS.filter((_, index) => index % 3 === rest).sort()
      expect(await listed(prompts, { source: 'git' })).toEqual(of(1))
      expect(await listed(prompts, { source: 'Git' })).toEqual(of(2))
      expect(await listed(prompts, { source: 'nobody' })).toEqual([])
      expect(await listed(prompts, { source: 'git', prefix: 'a' })).toEqual(
        of(1).filter((id) => id.startsWith('a')),
      )
    },
  },
  {
    name: 'lists the prompts whose stable or latest version has a status',
    async run({ prompts }) {
      const script = (id: string) => scriptedPrompt(id)
      const both = script('both')
      await commitAll(prompts, both.push('1', { label: '1' }), both.promote('1'), both.push('2'))
      const draft = script('draft')
      await commitAll(prompts, draft.push('1'))
      const gone = script('gone')
      await commitAll(prompts, gone.push('1', { status: 'revoked' }))
      const old = script('old')
      await commitAll(prompts, old.push('1', { label: '1' }), old.push('2', { label: '2' }))
      await commitAll(prompts, old.promote('1'), old.promote('2'))
      await commitAll(prompts, old.amend({ head: { latest: '1' } }))
      expect(await listed(prompts, { status: 'draft' }, 1)).toEqual(['both', 'draft'])
      expect(await listed(prompts, { status: 'stable' }, 1)).toEqual(['both', 'old'])
      expect(await listed(prompts, { status: 'revoked' }, 1)).toEqual(['gone'])
      expect(await listed(prompts, { status: 'deprecated' }, 1)).toEqual(['old'])
    },
  },
  {
    name: 'shows in a list what the latest version says, else the stable one',
    async run({ prompts }) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => scriptedPrompt(id)) as [
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
      ]
      const told = { label: '1', description: 'of stable', tags: ['s'] }
      await commitAll(prompts, a.push('1', told), a.promote('1'))
      await commitAll(prompts, a.push('2', { description: 'of latest', tags: ['l'] }))
      await commitAll(prompts, b.push('1', told, { latest: null }), b.promote('1'))
      await commitAll(prompts, c.push('1', told), c.promote('1'), c.push('2'))
      await commitAll(prompts, d.push('1', told, { latest: null }))
      const rows = await pages(prompts, { of: 'prompts', limit: 3 })
      expect(rows.map(({ head, ...row }) => ({ id: head.promptId, ...row }))).toEqual([
        { id: 'a', latestStatus: 'draft', description: 'of latest', tags: ['l'] },
        { id: 'b', latestStatus: null, description: 'of stable', tags: ['s'] },
        { id: 'c', latestStatus: 'draft', description: null, tags: [] },
        { id: 'd', latestStatus: null, description: null, tags: [] },
      ])
      expect(rows.map(({ head }) => head)).toEqual([a.head(), b.head(), c.head(), d.head()])
    },
  },
  {
    name: 'shows a prompt as archived wherever its head is shown, until it is there again',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('text', { label: 'a' }), script.promote('a'))
      await commitAll(prompts, script.amend({ head: { archived: true }, events: ['archived'] }))
      await expectShown(prompts, script, { stable: 'a', latest: 'a' })
      expect((await prompts.snapshot('p'))?.head.archived).toBe(true)
      const { archived: _, ...head } = script.head()
      const back = scriptedPrompt('p', head, [script.version('a')])
      await commitAll(prompts, back.amend({ events: ['unarchived'] }))
      await expectShown(prompts, back, { stable: 'a', latest: 'a' })
      expect((await prompts.snapshot('p'))?.head).not.toHaveProperty('archived')
      const events = await pages(prompts, { of: 'events', promptId: 'p', limit: 2 })
      expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['unarchived', 'archived'])
    },
  },
  {
    name: 'has nothing stable of a retired prompt, in no list either, until there is something again',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('text', { label: 'a' }), script.promote('a'))
      const retired = { ...script.version('a'), status: 'deprecated' as const }
      const head = { stable: null, retired: '2.0.0' }
      await commitAll(prompts, script.amend({ head, versions: [retired], events: ['retired'] }))
      await expectShown(prompts, script, { stable: null, latest: 'a' })
      expect((await prompts.find('p', { names: ['a'] })).byName.get('a')).toEqual(retired)
      expect(await prompts.content('p', retired)).toBe('text')
      expect(await listed(prompts, { status: 'stable' })).toEqual([])
      expect(await listed(prompts, { status: 'deprecated' })).toEqual(['p'])
      const { retired: _, ...after } = script.head()
      const resumed = scriptedPrompt('p', after, [retired])
      await commitAll(prompts, resumed.promote('a'))
      await expectShown(prompts, resumed, { stable: 'a', latest: 'a' })
      expect((await prompts.snapshot('p'))?.head).not.toHaveProperty('retired')
      expect(await listed(prompts, { status: 'stable' })).toEqual(['p'])
    },
  },
  {
    name: 'lists versions newest first, page by page to the end',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const labels = Array.from({ length: 13 }, (_, index) => `l${(index * 7) % 13}`)
      for (const label of labels) await commitAll(prompts, script.push(label, { label }))
      const expected = [...labels].reverse().map(script.version)
      for (const limit of [1, 4, 13, 1000]) {
        expect(await pages(prompts, { of: 'versions', promptId: 'p', limit })).toEqual(expected)
      }
    },
  },
  {
    name: 'lists events newest first, page by page to the end',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const changes = [script.push('one', { label: 'a' })]
      for (let turn = 0; turn < 5; turn++)
        changes.push(script.amend({ events: ['held', 'hold_lifted', 'latest_moved'] }))
      await commitAll(prompts, ...changes)
      const expected = changes.flatMap(({ events }) => events).reverse()
      for (const limit of [1, 3, 16, 1000]) {
        expect(await pages(prompts, { of: 'events', promptId: 'p', limit })).toEqual(expected)
      }
    },
  },
  {
    name: 'goes on where a page ended, also when something was added meanwhile',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      for (const label of ['a', 'b', 'c', 'd']) await commitAll(prompts, script.push(label, { label }))
      const first = await prompts.page<'versions'>({ of: 'versions', promptId: 'p', limit: 2 })
      await commitAll(prompts, script.push('e', { label: 'e' }))
      await withPrompts(prompts, ['a', 'c'])
      const shown = await prompts.page<'prompts'>({ of: 'prompts', limit: 1 })
      await withPrompts(prompts, ['A1', 'b'])
      const cursor = first.next ?? ''
      const rest = await prompts.page<'versions'>({ of: 'versions', promptId: 'p', limit: 2, cursor })
      expect([...first.items, ...rest.items].map(({ label }) => label)).toEqual(['d', 'c', 'b', 'a'])
      const others = await prompts.page<'prompts'>({ of: 'prompts', limit: 9, cursor: shown.next ?? '' })
      expect(others.items.map(({ head }) => head.promptId)).toEqual(['b', 'c', 'p'])
    },
  },
]

/** From the highest down. */
const RELEASES: readonly Release[] = [
  '10.0.0',
  '2.0.0',
  '1.10.0',
  '1.9.0',
  '1.0.1',
  '1.0.0',
  '1.0.0-rc.1',
  '1.0.0-beta.11',
  '1.0.0-beta.2',
  '1.0.0-beta',
  '1.0.0-alpha-b',
  '1.0.0-alpha.beta',
  '1.0.0-alpha.1',
  '1.0.0-alpha',
  '1.0.0-99999999999999999999',
  '1.0.0-10000000000000000000',
  '1.0.0-7',
  '0.0.9007199254740991',
  '0.0.1',
]

async function withReleases(prompts: PromptStore): Promise<void> {
  const script = scriptedPrompt('p')
  await commitAll(prompts, script.push('one', { label: 'a' }))
  const shuffled = RELEASES.map((name, index) => ({ name, at: (index * 7) % RELEASES.length }))
  shuffled.sort((a, b) => a.at - b.at)
  await commitAll(
    prompts,
    script.amend({
      names: [...shuffled.map(({ name }) => claim(name, 'a', name)), claim('7.0.0', 'a', null)],
    }),
    script.amend({ names: [claim('no-release', 'a', null)] }),
  )
}

const releases: readonly PromptStoreCase[] = [
  {
    name: 'lists the names that are releases from the highest down, pre-releases below theirs',
    async run({ prompts }) {
      await withReleases(prompts)
      for (const limit of [1, 4, 100]) {
        const found = await pages(prompts, { of: 'releases', promptId: 'p', from: null, limit })
        expect(found).toEqual(RELEASES.map((name) => claim(name, 'a', name)))
      }
    },
  },
  {
    name: 'lists the releases at or below one, whether that one is there or not',
    async run({ prompts }) {
      await withReleases(prompts)
      const below = async (from: Release, limit = 3) =>
        (await pages(prompts, { of: 'releases', promptId: 'p', from, limit })).map(({ name }) => name)
      expect(await below('1.9.0')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.9.0+build')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.9.5')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.0.0-beta.3')).toEqual(RELEASES.slice(RELEASES.indexOf('1.0.0-beta.2')))
      expect(await below('0.0.1')).toEqual(['0.0.1'])
      expect(await below('0.0.1-a')).toEqual([])
    },
  },
  {
    name: 'lists every name of one release that has several',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { label: 'a' }), script.push('two', { label: 'b' }))
      const names = ['1.0.0+b', '1.0.0', '1.0.0+a', '2.0.0']
      await commitAll(prompts, script.amend({ names: names.map((name) => claim(name, 'a', name)) }))
      const found = await pages(prompts, { of: 'releases', promptId: 'p', from: '1.0.0', limit: 1 })
      expect(found.map(({ name }) => name).sort()).toEqual(['1.0.0', '1.0.0+a', '1.0.0+b'])
    },
  },
]

const storage: readonly PromptStoreCase[] = [
  {
    name: 'answers its check',
    async run({ prompts }) {
      await expect(prompts.check()).resolves.toBeUndefined()
    },
  },
  {
    name: 'has everything when it is opened again',
    needs: 'reopen',
    async run({ prompts, reopen }) {
      const script = await swapping(prompts, 3)
      await commitAll(prompts, script.name('a', '1.0.0', '1.0.0'))
      const before = await everything(prompts, 'p', ['a', 'b', '1.0.0'])
      if (reopen === undefined) throw new Error('nothing to open again')
      const again = await reopen()
      expect(await everything(again.prompts, 'p', ['a', 'b', '1.0.0'])).toEqual(before)
      expect(await again.prompts.content('p', script.version('a'))).toBe('a')
      await commitAll(again.prompts, script.push('c'))
      expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
    },
  },
  {
    name: 'says that it is busy or unavailable when its storage cannot be reached',
    needs: 'unreachable',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const change = script.push('one')
      const version = script.version(change.head.latest ?? '')
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        snapshot: () => prompts.snapshot('p'),
        find: () => prompts.find('p', { names: ['a'] }),
        content: () => prompts.content('p', version),
        commit: () => prompts.commit(change),
        page: () => prompts.page<'prompts'>({ of: 'prompts', limit: 1 }),
        check: () => prompts.check(),
      }
      for (const [name, call] of Object.entries(calls)) await expectFailure(name, call())
    },
  },
]

export async function expectFailure(name: string, running: Promise<unknown>): Promise<void> {
  const error: unknown = await running.then(
    () => 'no failure',
    (failure: unknown) => failure,
  )
  expect(error, name).toBeInstanceOf(RegistryError)
  expect(['busy', 'unavailable'], name).toContain((error as RegistryError).code)
}

/** Every promise of `PromptStore`, as cases that any adapter must pass. */
export const promptStoreCases: readonly PromptStoreCase[] = [
  ...snapshots,
  ...commits,
  ...moments,
  ...finding,
  ...listing,
  ...releases,
  ...storage,
]
