import { expect } from 'vitest'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import type { VersionRecord } from '../../../api/store/records.ts'
import { type ScriptedPrompt, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'
import { listed } from './listing.ts'

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

/** A deleted prompt with a released version, a draft and a revoked one. */
async function deletedPrompt(prompts: PromptStore): Promise<ScriptedPrompt> {
  const script = scriptedPrompt('p')
  const files = { frontMatter: '---\na: b\n---\n' }
  await commitAll(
    prompts,
    script.push('text', { version: 'a', ...files }, { owner: 'git' }),
    script.promote('a'),
    script.name('a', '1.0.0', '1.0.0'),
    script.push('draft', { version: 'b', ...files }),
    script.push('bad', { version: 'c' }),
  )
  const revoked = { ...script.version('c'), status: 'revoked' as const, revokedScope: 'content' as const }
  await commitAll(prompts, script.amend({ versions: [revoked], events: ['revoked'] }))
  const deleted = { at: '2026-02-01T00:00:00.000Z', actor: 'ada', source: 'git' }
  const off = { ...script.version('a'), status: 'deprecated' as const }
  const head = { deleted, stable: null, latest: null }
  await commitAll(prompts, script.amend({ head, versions: [off], events: ['deleted'] }))
  return script
}

export const removal: readonly PromptStoreCase[] = [
  {
    name: 'lists a deleted prompt only if asked, and not at all once it belongs to nobody',
    async run({ prompts }) {
      const script = await deletedPrompt(prompts)
      await commitAll(prompts, scriptedPrompt('q').push('other', {}, { owner: 'git' }))
      expect(await listed(prompts, {})).toEqual(['q'])
      expect(await listed(prompts, { source: 'git', withDeleted: true })).toEqual(['p', 'q'])
      expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
      await commitAll(prompts, script.amend({ head: { owner: null }, events: ['owner_changed'] }))
      expect(await listed(prompts, { withDeleted: true })).toEqual(['q'])
      expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
    },
  },
  {
    name: 'purges a deleted prompt of all but its events and what was revoked, however often',
    async run({ prompts }) {
      const script = await deletedPrompt(prompts)
      const [a, b, c] = ['a', 'b', 'c'].map(script.version) as [VersionRecord, VersionRecord, VersionRecord]
      const other = scriptedPrompt('q')
      await commitAll(prompts, other.push('text', { version: 'a', frontMatter: 'mine' }))
      for (let times = 0; times < 2; times++) {
        await prompts.purge('p')
        const found = await prompts.find('p', {
          names: ['a', '1.0.0', 'b', 'c'],
          identities: [a.identity, b.identity, c.identity],
          contents: [a.contentSha256, c.contentSha256],
        })
        expect(Object.fromEntries(found.byName)).toEqual({ c })
        expect(Object.fromEntries(found.byIdentity)).toEqual({ [c.identity]: c })
        expect(found.sameContent).toEqual([c])
        expect(await pages(prompts, { of: 'versions', promptId: 'p', limit: 2 })).toEqual([c])
        expect(await pages(prompts, { of: 'releases', promptId: 'p', from: null, limit: 2 })).toEqual([])
        expect(await pages(prompts, { of: 'events', promptId: 'p', limit: 3 })).toHaveLength(7)
      }
      for (const gone of [a, b]) {
        expect(await prompts.frontMatter('p', gone)).toBe('')
        if (gone === b) await expect(prompts.content('p', gone)).rejects.toThrow(/missing/)
      }
      expect(await prompts.content('q', other.version('a'))).toBe('text')
      expect(await prompts.frontMatter('q', other.version('a'))).toBe('mine')
    },
  },
  {
    name: 'takes the same versions and names again after a purge',
    async run({ prompts }) {
      const script = await deletedPrompt(prompts)
      await prompts.purge('p')
      const { deleted: _, ...head } = script.head()
      const back = scriptedPrompt('p', head, [script.version('c')])
      await commitAll(prompts, back.push('draft', { version: 'b', frontMatter: 'new' }))
      await commitAll(prompts, back.push('text', { version: 'a' }), back.promote('a'))
      await commitAll(prompts, back.name('a', '1.0.0', '1.0.0'))
      expect(await prompts.snapshot('p')).toEqual({
        head: back.head(),
        stable: back.version('a'),
        latest: back.version('a'),
      })
      expect(await prompts.content('p', back.version('b'))).toBe('draft')
      expect(await prompts.frontMatter('p', back.version('b'))).toBe('new')
      const names = ['1.0.0', 'b', 'c']
      expect([...(await prompts.find('p', { names })).byName.keys()].sort()).toEqual(names)
    },
  },
  {
    name: 'purges nothing of a prompt that is not deleted',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('text', { version: 'a' }), script.promote('a'))
      await prompts.purge('p')
      await prompts.purge('nobody')
      await expectShown(prompts, script, { stable: 'a', latest: 'a' })
      expect(await prompts.content('p', script.version('a'))).toBe('text')
    },
  },
  {
    name: 'shows a prompt as archived, and where it moved, wherever its head is shown, until it is there again',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('text', { version: 'a' }), script.promote('a'))
      await commitAll(prompts, script.amend({ head: { archived: true }, events: ['archived'] }))
      await expectShown(prompts, script, { stable: 'a', latest: 'a' })
      await commitAll(prompts, script.amend({ head: { movedTo: 'team/q' }, events: ['archived'] }))
      await expectShown(prompts, script, { stable: 'a', latest: 'a' })
      expect((await prompts.snapshot('p'))?.head).toMatchObject({ archived: true, movedTo: 'team/q' })
      const { archived: _, movedTo: __, ...head } = script.head()
      const back = scriptedPrompt('p', head, [script.version('a')])
      await commitAll(prompts, back.amend({ events: ['unarchived'] }))
      await expectShown(prompts, back, { stable: 'a', latest: 'a' })
      expect((await prompts.snapshot('p'))?.head).not.toHaveProperty('archived')
      expect((await prompts.snapshot('p'))?.head).not.toHaveProperty('movedTo')
      const events = await pages(prompts, { of: 'events', promptId: 'p', limit: 2 })
      expect(events.slice(0, 3).map(({ type }) => type)).toEqual(['unarchived', 'archived', 'archived'])
    },
  },
  {
    name: 'has nothing stable of a retired prompt, in no list either, until there is something again',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('text', { version: 'a' }), script.promote('a'))
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
]
