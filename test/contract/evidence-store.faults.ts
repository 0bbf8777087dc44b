import type { AtomicChange } from '../../api/store/atomic-change.ts'
import type { EvidenceStore } from '../../api/store/evidence-store.ts'
import type { StoredEvidence } from '../../api/store/records.ts'
import { committing, type Fault, type PromptFault } from './prompt-store/faults/spoiling.ts'

type EvidenceFault = Fault<EvidenceStore>

const showing =
  (spoiled: (items: readonly StoredEvidence[]) => readonly StoredEvidence[]) => (right: EvidenceStore) => ({
    page: async (query: Parameters<EvidenceStore['page']>[0]) => {
      const { items, next } = await right.page(query)
      return { items: spoiled(items), next }
    },
  })

/** Pages by counting, over all statements of the prompt. */
async function counted(
  right: EvidenceStore,
  { limit, cursor, ...query }: Parameters<EvidenceStore['page']>[0],
) {
  const { items } = await right.page({ ...query, limit: 1000 })
  const start = Number(cursor ?? 0)
  const end = start + limit
  return { items: items.slice(start, end), next: end < items.length ? String(end) : null }
}

/** Faults in reading. */
export const evidenceFaults: readonly EvidenceFault[] = [
  {
    name: 'finds the statements of all prompts',
    caught: 'finds nothing for a prompt that has no evidence',
    spoil: (right) => ({ page: (query) => right.page({ ...query, promptId: 'p2' }) }),
  },
  {
    name: 'writes the JSON of an envelope anew',
    caught: 'returns a statement as it was committed, byte for byte',
    spoil: showing((items) =>
      items.map((one) => ({ ...one, envelope: JSON.stringify(JSON.parse(one.envelope)) })),
    ),
  },
  {
    name: 'leaves out the hash of the payload',
    caught: 'returns a statement as it was committed, byte for byte',
    spoil: showing((items) => items.map((one) => ({ ...one, payloadSha256: null }))),
  },
  {
    name: 'sorts by time',
    caught: 'returns statements newest first, whatever their times',
    spoil: showing((items) => [...items].sort((a, b) => (a.at < b.at ? 1 : -1))),
  },
  {
    name: 'returns the oldest first',
    caught: 'returns statements newest first, whatever their times',
    spoil: showing((items) => items.toReversed()),
  },
  {
    name: 'knows a statement whatever its prompt',
    caught: 'knows a statement of a prompt by its hash',
    spoil: (right) => ({
      has: async (id, hash) => (await right.has(id, hash)) || (await right.has('q', hash)),
    }),
  },
  {
    name: 'knows every statement',
    caught: 'finds nothing for a prompt that has no evidence',
    spoil: () => ({ has: async () => true }),
  },
  {
    name: 'ignores what a statement must be about',
    caught: 'finds statements by their identity or payload, and no others',
    spoil: (right) => ({ page: ({ about: _, ...query }) => right.page(query) }),
  },
  {
    name: 'takes a query about nothing as one about everything',
    caught: 'finds statements by their identity or payload, and no others',
    spoil: (right) => ({
      page: ({ about, ...query }) => right.page(about?.length ? { ...query, about } : query),
    }),
  },
  {
    name: 'compares the identity only',
    caught: 'finds statements by their identity or payload, and no others',
    spoil: (right) => ({
      async page(query) {
        const { items, next } = await right.page(query)
        const { about } = query
        return { items: items.filter(({ identity }) => about?.includes(identity) ?? true), next }
      },
    }),
  },
  {
    name: 'ends after one page',
    caught: 'lists statements page by page, each once',
    spoil: (right) => ({ page: async (query) => ({ ...(await right.page(query)), next: null }) }),
  },
  {
    name: 'cuts a page before it compares',
    caught: 'lists statements page by page, each once',
    spoil: (right) => ({
      async page({ about, ...query }) {
        const { items, next } = await right.page(query)
        const kept = items.filter(({ identity }) => about?.includes(identity) ?? true)
        return { items: kept, next: kept.length === 0 ? null : next }
      },
    }),
  },
  {
    name: 'counts its way to a cursor',
    caught: 'goes on behind a cursor although a statement came meanwhile',
    spoil: (right) => ({ page: (query) => counted(right, query) }),
  },
  {
    name: 'takes any cursor as the start',
    caught: 'refuses a cursor that it did not return',
    spoil: (right) => ({ page: (query) => right.page({ ...query, cursor: undefined }) }),
  },
  {
    name: 'tells ids apart by case',
    caught: 'takes ids that differ by case as one prompt, and no others',
    spoil: (right) => ({
      page: (query) =>
        right.page({ ...query, promptId: query.promptId === 'team/p' ? 'none' : query.promptId }),
    }),
  },
  {
    name: 'knows a hash by the spelling of its prompt',
    caught: 'takes ids that differ by case as one prompt, and no others',
    spoil: (right) => ({ has: async (id, hash) => id === 'Team/P' && (await right.has(id, hash)) }),
  },
  {
    name: 'keeps the statements of purged prompts',
    caught: 'removes the statements of a purged prompt, and no others',
    spoil(right) {
      const kept = new Map<string, readonly StoredEvidence[]>()
      return {
        async page(query) {
          const { items, next } = await right.page(query)
          if (items.length > 0) kept.set(query.promptId, items)
          return { items: kept.get(query.promptId) ?? items, next }
        },
        has: async () => true,
      }
    },
  },
  {
    name: 'is empty when it is opened again',
    caught: 'still has the statements after it was opened again',
    spoil: () => ({}),
    reopened:
      ({ reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again?.evidence === undefined) throw new Error('This adapter cannot be opened again.')
        return { ...again, evidence: { ...again.evidence, page: async () => ({ items: [], next: null }) } }
      },
  },
  {
    name: 'reports success with nothing behind it',
    caught: 'fails with a code while there is nothing behind it',
    spoil: () => ({ has: async () => false }),
  },
]

/** Faults in what `PromptStore` does with evidence. */
export const evidenceWriteFaults: readonly PromptFault[] = [
  {
    name: 'drops the statement of a change',
    caught: 'returns a statement as it was committed, byte for byte',
    spoil: committing(({ evidence: _, ...change }) => change),
  },
  {
    name: 'stores a statement once for all prompts',
    caught: 'keeps the same statement for each of its prompts',
    spoil(right) {
      const stored = new Set<string>()
      return {
        commit({ evidence, ...change }) {
          if (evidence === undefined || stored.has(evidence.sha256)) return right.commit(change)
          stored.add(evidence.sha256)
          return right.commit({ ...change, evidence })
        },
      }
    },
  },
  {
    name: 'stores the statement of a change that lost',
    caught: 'has no statement of a change that was not committed',
    spoil: (right) => ({
      async commit(change: AtomicChange) {
        if (await right.commit(change)) return true
        const revision = (await right.snapshot(change.promptId))?.head.revision ?? 0
        const head = { ...change.head, revision: revision + 1 }
        const events = change.events.map((event) => ({ ...event, sequence: revision + 1 }))
        await right.commit({ ...change, head, events, expectedRevision: revision })
        return false
      },
    }),
  },
  {
    name: 'purges no statements',
    caught: 'removes the statements of a purged prompt, and no others',
    spoil: () => ({ purge: async () => undefined }),
  },
  {
    name: 'purges all prompts',
    caught: 'removes the statements of a purged prompt, and no others',
    spoil: (right) => ({
      async purge(id) {
        await right.purge(id)
        await right.purge('q')
      },
    }),
  },
]
