import type { PromptEvent } from '../../../../api/store/records.ts'
import { byCount, type PromptFault, paging } from './spoiling.ts'

const IN_ORDER = 'gives the events of all prompts, those of each in order, page by page to the end'

/** The feed, kept beside the right one and cut by counting. */
const ownFeed =
  (keep: (all: PromptEvent[], added: readonly PromptEvent[], done: boolean) => void): PromptFault['spoil'] =>
  (right) => {
    const all: PromptEvent[] = []
    return {
      async commit(change) {
        const done = await right.commit(change)
        keep(all, change.events, done)
        return done
      },
      ...paging(right, 'feed', async (query) => {
        const page = byCount(all, query)
        return { ...page, next: all.length === 0 ? null : (page.next ?? String(all.length)) }
      }),
    }
  }

export const ofFeed: readonly PromptFault[] = [
  {
    name: 'has a place to go on in a feed without events',
    caught: 'has an empty feed without a place to go on at first',
    spoil: (right) =>
      paging(right, 'feed', async (query) => {
        const page = await right.page<'feed'>(query)
        return { ...page, next: page.next ?? '0' }
      }),
  },
  {
    name: 'gives the newest events first',
    caught: IN_ORDER,
    spoil: ownFeed((all, added, done) => done && all.unshift(...[...added].reverse())),
  },
  {
    name: 'keeps the last event of a change',
    caught: IN_ORDER,
    spoil: ownFeed((all, added, done) => done && all.push(...added.slice(-1))),
  },
  {
    name: 'drops the last event of a page',
    caught: IN_ORDER,
    spoil: (right) =>
      paging(right, 'feed', async (query) => {
        const page = await right.page<'feed'>(query)
        return page.items.length < query.limit ? page : { ...page, items: page.items.slice(0, -1) }
      }),
  },
  {
    name: 'begins anew from every cursor but keeps the pages of one reader',
    caught: 'goes on from a cursor with what came later, and misses nothing',
    spoil: (right) =>
      paging(right, 'feed', async (query) => {
        const page = await right.page<'feed'>(query)
        return query.cursor === undefined ? page : { ...page, items: page.items.slice(1) }
      }),
  },
  {
    name: 'writes the feed before it knows whether the change counts',
    caught: 'has nothing in the feed of a change that was refused',
    spoil: ownFeed((all, added) => all.push(...added)),
  },
]
