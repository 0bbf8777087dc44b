import { expect } from 'vitest'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
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

export const removal: readonly PromptStoreCase[] = [
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
]
