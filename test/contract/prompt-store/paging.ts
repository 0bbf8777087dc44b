import { expect } from 'vitest'
import { scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'
import { withPrompts } from './listing.ts'

export const paging: readonly PromptStoreCase[] = [
  {
    name: 'lists versions newest first, page by page to the end',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const labels = Array.from({ length: 13 }, (_, index) => `l${(index * 7) % 13}`)
      for (const label of labels) await commitAll(prompts, script.push(label, { version: label }))
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
      const changes = [script.push('one', { version: 'a' })]
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
      for (const label of ['a', 'b', 'c', 'd'])
        await commitAll(prompts, script.push(label, { version: label }))
      const first = await prompts.page<'versions'>({ of: 'versions', promptId: 'p', limit: 2 })
      await commitAll(prompts, script.push('e', { version: 'e' }))
      await withPrompts(prompts, ['a', 'c'])
      const shown = await prompts.page<'prompts'>({ of: 'prompts', limit: 1 })
      await withPrompts(prompts, ['A1', 'b'])
      const cursor = first.next ?? ''
      const rest = await prompts.page<'versions'>({ of: 'versions', promptId: 'p', limit: 2, cursor })
      expect([...first.items, ...rest.items].map(({ version }) => version)).toEqual(['d', 'c', 'b', 'a'])
      const others = await prompts.page<'prompts'>({ of: 'prompts', limit: 9, cursor: shown.next ?? '' })
      expect(others.items.map(({ head }) => head.promptId)).toEqual(['b', 'c', 'p'])
    },
  },
]
