import { expect } from 'vitest'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import type { PromptEvent } from '../../../api/store/records.ts'
import { scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'

/** Reads on from a cursor until a page is short; an event may come twice. */
async function readOn(
  prompts: PromptStore,
  limit: number,
  cursor?: string,
): Promise<{ readonly events: readonly PromptEvent[]; readonly cursor: string | undefined }> {
  const events: PromptEvent[] = []
  let at = cursor
  for (let count = 0; count < 1000; count++) {
    const page = await prompts.page<'feed'>({ of: 'feed', limit, cursor: at })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    events.push(...page.items)
    at = page.next ?? undefined
    if (page.items.length < limit) return { events, cursor: at }
  }
  return expect.unreachable('The feed never ends.')
}

/** By event id, in the order in which each came first. */
function distinct(events: readonly PromptEvent[]): PromptEvent[] {
  return [...new Map(events.map((event) => [event.id, event])).values()]
}

async function expectWhole(prompts: PromptStore, events: readonly PromptEvent[], ids: readonly string[]) {
  const byPrompt = Map.groupBy(distinct(events), ({ prompt_id }) => prompt_id)
  expect([...byPrompt.keys()].sort()).toEqual([...ids].sort())
  for (const id of ids) {
    const told = await pages(prompts, { of: 'events', promptId: id, limit: 1000 })
    expect(byPrompt.get(id), id).toEqual([...told].reverse())
  }
}

const IDS = ['a', 'b', 'a/b', 'Zz', 'p-1']

export const feed: readonly PromptStoreCase[] = [
  {
    name: 'has an empty feed without a place to go on at first',
    async run({ prompts }) {
      expect(await prompts.page<'feed'>({ of: 'feed', limit: 10 })).toEqual({ items: [], next: null })
    },
  },
  {
    name: 'gives the events of all prompts, those of each in order, page by page to the end',
    async run({ prompts }) {
      const scripts = IDS.map((id) => scriptedPrompt(id))
      for (const label of ['1', '2', '3'])
        for (const script of scripts) await commitAll(prompts, script.push(label, { version: label }))
      await commitAll(
        prompts,
        ...scripts.map((script) => script.amend({ events: ['archived', 'unarchived', 'archived'] })),
      )
      for (const limit of [7, 30, 1000])
        await expectWhole(prompts, (await readOn(prompts, limit)).events, IDS)
    },
  },
  {
    name: 'goes on from a cursor with what came later, and misses nothing',
    async run({ prompts }) {
      const scripts = IDS.map((id) => scriptedPrompt(id))
      const all: PromptEvent[] = []
      let cursor: string | undefined
      for (const label of ['1', '2', '3', '4']) {
        for (const script of scripts) await commitAll(prompts, script.push(label, { version: label }))
        const read = await readOn(prompts, 7, cursor)
        all.push(...read.events)
        cursor = read.cursor
      }
      await expectWhole(prompts, all, IDS)
    },
  },
  {
    name: 'has nothing in the feed of a change that was refused',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('1', { version: '1' }))
      const late = script.fork()
      await commitAll(prompts, script.push('2', { version: '2' }))
      expect(await prompts.commit(late.push('3', { version: '3' }))).toBe(false)
      await expectWhole(prompts, (await readOn(prompts, 100)).events, ['p'])
    },
  },
]
