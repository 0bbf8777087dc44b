import { expect } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import type { AtomicChange } from '../../api/store/atomic-change.ts'
import type { EvidenceStore, StoredEvidenceQuery } from '../../api/store/evidence-store.ts'
import type { StoredEvidence } from '../../api/store/records.ts'
import type { StoreCase } from '../support/registry-contract.ts'
import { scriptedPrompt } from '../support/registry-records.ts'
import { commitAll, expectFailure, type Stores } from './prompt-store/harness.ts'

/** Characters that a store may want to normalise, escape or cut. */
const ENVELOPE = '{"payload":"e30=","note":"a\\u0000 é 🙂  \'\\"","signatures":[]}\n'

const DELETED = { deleted: { at: '2026-01-31T12:00:00.000Z', actor: 'tester', source: 'git' } }

/** A statement, named by its envelope. */
function statement(envelope: string, fields: Partial<StoredEvidence> = {}): StoredEvidence {
  return {
    sha256: sha256(envelope),
    identity: sha256('a version'),
    payloadSha256: null,
    envelope,
    actor: 'ci',
    at: '2026-01-31T12:00:00.000Z',
    ...fields,
  }
}

/** Changes of one prompt that post a statement each. */
function posting(id: string, ...statements: readonly StoredEvidence[]): AtomicChange[] {
  const script = scriptedPrompt(id)
  return statements.map((evidence) => ({ ...script.amend({ events: ['attested'] }), evidence }))
}

function evidenceOf({ evidence }: Stores): EvidenceStore {
  if (evidence === undefined) throw new Error('This adapter takes no evidence.')
  return evidence
}

async function all(
  stores: Stores,
  promptId = 'p',
  query: Partial<StoredEvidenceQuery> = {},
): Promise<StoredEvidence[]> {
  const items: StoredEvidence[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 100; pages++) {
    const page = await evidenceOf(stores).page({ promptId, limit: 100, ...query, cursor })
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 100)
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

export const evidenceStoreCases: readonly StoreCase[] = [
  {
    name: 'finds nothing for a prompt that has no evidence',
    async run(stores) {
      await commitAll(stores.prompts, ...posting('p2', statement(ENVELOPE)))
      expect(await all(stores)).toEqual([])
      expect(await evidenceOf(stores).has('p', sha256(ENVELOPE))).toBe(false)
    },
  },
  {
    name: 'returns a statement as it was committed, byte for byte',
    async run(stores) {
      const one = statement(ENVELOPE, { payloadSha256: sha256('a payload'), actor: 'CI é 🙂' })
      await commitAll(stores.prompts, ...posting('p', one))
      expect(await all(stores)).toEqual([one])
    },
  },
  {
    name: 'returns statements newest first, whatever their times',
    async run(stores) {
      const times = ['2026-01-31T12:00:00.000Z', '2026-01-30T12:00:00.000Z', '2026-02-01T12:00:00.000Z']
      const posted = times.map((at, n) => statement(`${n}`, { at }))
      await commitAll(stores.prompts, ...posting('p', ...posted))
      expect(await all(stores)).toEqual(posted.toReversed())
    },
  },
  {
    name: 'knows a statement of a prompt by its hash',
    async run(stores) {
      await commitAll(stores.prompts, ...posting('p', statement('one')), ...posting('q', statement('two')))
      const has = (text: string) => evidenceOf(stores).has('p', sha256(text))
      expect([await has('one'), await has('two'), await has('three')]).toEqual([true, false, false])
    },
  },
  {
    name: 'finds statements by their identity or payload, and no others',
    async run(stores) {
      const [a, b, c] = ['a', 'b', 'c'].map(sha256) as [string, string, string]
      const posted = [
        statement('one', { identity: a, payloadSha256: b }),
        statement('two', { identity: b }),
        statement('three', { identity: c, payloadSha256: c }),
      ]
      await commitAll(stores.prompts, ...posting('p', ...posted))
      const found = async (...about: string[]) =>
        (await all(stores, 'p', { about })).map(({ envelope }) => envelope)
      expect(await found(a)).toEqual(['one'])
      expect(await found(b)).toEqual(['two', 'one'])
      expect(await found(a, c)).toEqual(['three', 'one'])
      expect(await found(sha256('d'))).toEqual([])
      expect(await found()).toEqual([])
    },
  },
  {
    name: 'lists statements page by page, each once',
    async run(stores) {
      const wanted = sha256('wanted')
      const posted = Array.from({ length: 7 }, (_, n) =>
        statement(`${n}`, n % 2 === 0 ? { identity: wanted } : {}),
      )
      await commitAll(stores.prompts, ...posting('p', ...posted))
      const newest = posted.toReversed()
      for (const limit of [1, 2, 7]) {
        expect(await all(stores, 'p', { limit }), `by ${limit}`).toEqual(newest)
        const narrowed = await all(stores, 'p', { limit, about: [wanted] })
        expect(narrowed).toEqual(newest.filter(({ identity }) => identity === wanted))
      }
    },
  },
  {
    name: 'goes on behind a cursor although a statement came meanwhile',
    async run(stores) {
      const [one, two, three] = ['one', 'two', 'three'].map((text) => statement(text)) as [
        StoredEvidence,
        StoredEvidence,
        StoredEvidence,
      ]
      const [first, second, third] = posting('p', one, two, three) as [
        AtomicChange,
        AtomicChange,
        AtomicChange,
      ]
      await commitAll(stores.prompts, first, second)
      const { next } = await evidenceOf(stores).page({ promptId: 'p', limit: 1 })
      await commitAll(stores.prompts, third)
      const page = await evidenceOf(stores).page({ promptId: 'p', limit: 5, cursor: next ?? undefined })
      expect(page).toEqual({ items: [one], next: null })
    },
  },
  {
    name: 'refuses a cursor that it did not return',
    async run(stores) {
      const page = evidenceOf(stores).page({ promptId: 'p', limit: 1, cursor: 'nonsense' })
      await expect(page).rejects.toMatchObject({ code: 'invalid_request' })
    },
  },
  {
    name: 'takes ids that differ by case as one prompt, and no others',
    async run(stores) {
      const mine = statement('mine')
      await commitAll(stores.prompts, ...posting('Team/P', mine), ...posting('team/p2', statement('other')))
      expect(await all(stores, 'team/p')).toEqual([mine])
      expect(await evidenceOf(stores).has('TEAM/p', mine.sha256)).toBe(true)
    },
  },
  {
    name: 'keeps the same statement for each of its prompts',
    async run(stores) {
      const both = statement('both')
      await commitAll(stores.prompts, ...posting('p', both), ...posting('q', both))
      expect([await all(stores, 'p'), await all(stores, 'q')]).toEqual([[both], [both]])
    },
  },
  {
    name: 'has no statement of a change that was not committed',
    async run(stores) {
      const [change] = posting('p', statement('one'))
      const [late] = posting('p', statement('two'))
      expect(await stores.prompts.commit(change as AtomicChange)).toBe(true)
      expect(await stores.prompts.commit(late as AtomicChange)).toBe(false)
      expect(await all(stores)).toEqual([statement('one')])
    },
  },
  {
    name: 'removes the statements of a purged prompt, and no others',
    async run(stores) {
      for (const id of ['p', 'q']) {
        const script = scriptedPrompt(id)
        const posts = { ...script.amend({ events: ['attested'] }), evidence: statement('one') }
        await commitAll(stores.prompts, posts, script.amend({ head: DELETED, events: ['deleted'] }))
      }
      await stores.prompts.purge('p')
      expect([await all(stores, 'p'), await all(stores, 'q')]).toEqual([[], [statement('one')]])
      expect(await evidenceOf(stores).has('p', sha256('one'))).toBe(false)
    },
  },
  {
    name: 'still has the statements after it was opened again',
    needs: 'reopen',
    async run(stores) {
      await commitAll(stores.prompts, ...posting('p', statement('one')))
      const again = await stores.reopen?.()
      expect(await all(again ?? stores)).toEqual([statement('one')])
    },
  },
  {
    name: 'fails with a code while there is nothing behind it',
    needs: 'unreachable',
    async run(stores) {
      await expectFailure('page', evidenceOf(stores).page({ promptId: 'p', limit: 1 }))
      await expectFailure('has', evidenceOf(stores).has('p', sha256('one')))
    },
  },
]
