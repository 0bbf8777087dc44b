import { expect } from 'vitest'
import type { AtomicChange } from '../../../api/store/atomic-change.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { claim, type ScriptedPrompt, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'

/** All that a change could have left behind in a prompt. */
export async function everything(prompts: PromptStore, id: string, keys: readonly string[]) {
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
function fullChange(script: ScriptedPrompt, content: string): AtomicChange {
  const change = script.push(content, { version: content, status: 'stable' })
  const label = change.head.latest ?? ''
  return {
    ...change,
    head: { ...change.head, stable: label, owner: content },
    names: [...change.names, claim(`9.0.0-${content}`, script.version(label), `9.0.0-${content}`)],
  }
}

const KEYS = ['first', 'second', 'third', '9.0.0-first', '9.0.0-second', '9.0.0-third']

async function expectRefused(prompts: PromptStore, id: string, change: AtomicChange): Promise<void> {
  const before = await everything(prompts, id, KEYS)
  expect(await prompts.commit(change)).toBe(false)
  expect(await everything(prompts, id, KEYS)).toEqual(before)
}

export const commits: readonly PromptStoreCase[] = [
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
      expect(all.releases.map((name) => name.version)).toEqual(['second', 'first'])
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
        script.fork().push(`rival ${index}`, { version: `r${index}` }),
      )
      const won = await Promise.all(rivals.map((change) => prompts.commit(change)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = rivals[won.indexOf(true)]
      expect((await prompts.snapshot('p'))?.head).toEqual(winner?.head)
      const versions = await pages(prompts, { of: 'versions', promptId: 'p', limit: 100 })
      expect(versions.map(({ version }) => version)).toEqual([winner?.head.latest, script.head().latest])
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
      await commitAll(prompts, script.push('one', { ...rich, version: 'a' }))
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
      await commitAll(prompts, a.push('same', { version: 'v' }), b.push('same', { version: 'v' }))
      const before = await everything(prompts, 'a/b', ['v', '1.0.0'])
      await commitAll(prompts, a.promote('v'), a.name('v', '1.0.0', '1.0.0'))
      expect(await everything(prompts, 'a/b', ['v', '1.0.0'])).toEqual(before)
      expect((await prompts.find('a/b', { contents: [b.version('v').contentSha256] })).sameContent).toEqual([
        b.version('v'),
      ])
    },
  },
]
