import { expect } from 'vitest'
import type {
  PageItems,
  PageQueries,
  PromptStore,
  SummarizedVersion,
} from '../../../api/store/prompt-store.ts'
import type { Head, VersionRecord } from '../../../api/store/records.ts'
import { type ScriptedPrompt, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'

const IDS = ['B', 'a', 'a-b', 'a.b', 'a/b', 'a0', 'aB', 'a_b', 'a/b/c', 'c', 'a/c', 'D', 'z9']
const IN_ORDER = [...IDS].sort()

export async function withPrompts(prompts: PromptStore, ids: readonly string[] = IDS): Promise<void> {
  for (const id of ids) await commitAll(prompts, scriptedPrompt(id).push('one'))
}

export async function listed(
  prompts: PromptStore,
  query: Omit<PageQueries['prompts'], 'of' | 'limit'>,
  limit = 2,
): Promise<string[]> {
  return (await pages(prompts, { of: 'prompts', limit, ...query })).map(({ head }) => head.promptId)
}

const AT = '2026-01-31T12:00:00.000Z'
const HOLD: Head['hold'] = {
  ...{ kind: 'until_lifted', since: AT, actor: 'ada', reason: 'wait' },
  ...{ rolledBackFrom: null, above: null },
}

const amended = (script: ScriptedPrompt, head: Partial<Head>) => script.amend({ head, events: ['held'] })

/** The fields that every store has in a summary. */
function summaryOf({ head, stable, latest }: PageItems['summaries']): PageItems['summaries'] {
  const { promptId, stable: label, stableBy, withdrawn, latest: newest, owner } = head
  const { hold, highest, archived, retired, updatedAt } = head
  const version = ({ status, release, waiting, description, tags, releasedAt }: SummarizedVersion) => ({
    ...{ status, release, waiting, description, tags, releasedAt },
  })
  return {
    head: {
      ...{ promptId, stable: label, stableBy, withdrawn, latest: newest, owner },
      ...{ hold, highest, updatedAt },
      ...(archived !== undefined && { archived }),
      ...(retired !== undefined && { retired }),
    },
    stable: stable && version(stable),
    latest: latest && version(latest),
  }
}

export const listing: readonly PromptStoreCase[] = [
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
    name: 'keeps ids of every script, and lists them by code points',
    async run({ prompts }) {
      const ids = [
        'a b',
        'a',
        '(old)/x',
        '.x',
        '_x',
        '[x]',
        "it's",
        'R&D',
        'Zürich',
        '日本語',
        'ﬁle',
        '😀',
        '👩‍💻/x',
        'x😀',
      ]
      await withPrompts(prompts, ids)
      const inOrder = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      for (const limit of [1, 3, 100]) expect(await listed(prompts, {}, limit)).toEqual(inOrder)
      for (const prefix of ['a', '日', '😀', '👩‍💻/', '(', 'x'])
        expect(await listed(prompts, { prefix }), prefix).toEqual(
          inOrder.filter((id) => id.startsWith(prefix)),
        )
      for (const [id, other] of [
        ['Zürich', 'ZÜRICH'],
        ['ﬁle', 'file'],
        ['👩‍💻/x', '👩‍💻/X'],
        ['a b', 'A B'],
      ] as const)
        expect((await prompts.snapshot(other))?.head.promptId).toBe(id)
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
      await commitAll(prompts, both.push('1', { version: '1' }), both.promote('1'), both.push('2'))
      const draft = script('draft')
      await commitAll(prompts, draft.push('1'))
      const gone = script('gone')
      await commitAll(prompts, gone.push('1', { status: 'revoked' }))
      const old = script('old')
      await commitAll(prompts, old.push('1', { version: '1' }), old.push('2', { version: '2' }))
      await commitAll(prompts, old.promote('1'), old.promote('2'))
      await commitAll(prompts, old.amend({ head: { latest: '1' } }))
      expect(await listed(prompts, { status: 'draft' }, 1)).toEqual(['both', 'draft'])
      expect(await listed(prompts, { status: 'stable' }, 1)).toEqual(['both', 'old'])
      expect(await listed(prompts, { status: 'revoked' }, 1)).toEqual(['gone'])
      expect(await listed(prompts, { status: 'deprecated' }, 1)).toEqual(['old'])
    },
  },
  {
    name: 'shows in a list the stable and the latest version of each prompt',
    async run({ prompts }) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => scriptedPrompt(id)) as [
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
      ]
      const told = { version: '1', description: 'of stable', tags: ['s'] }
      await commitAll(prompts, a.push('1', told), a.promote('1'))
      const latest = { version: '2', description: 'of latest', tags: ['l'], waiting: ['2.0.0'] }
      await commitAll(prompts, a.push('2', latest))
      await commitAll(prompts, b.push('1', told, { latest: null }), b.promote('1'))
      await commitAll(prompts, c.push('1', told), c.promote('1'), c.push('2', { version: '2' }))
      await commitAll(prompts, d.push('1', told, { latest: null }))
      const rows = await pages(prompts, { of: 'prompts', limit: 3 })
      const shown = (record: VersionRecord) => {
        const { version, status, identity, payloadSha256, release, releasedAt, waiting } = record
        const { description, tags } = record
        return { version, status, identity, payloadSha256, release, releasedAt, waiting, description, tags }
      }
      expect(rows.map(({ stable, latest }) => ({ stable, latest }))).toEqual([
        { stable: shown(a.version('1')), latest: shown(a.version('2')) },
        { stable: shown(b.version('1')), latest: null },
        { stable: shown(c.version('1')), latest: shown(c.version('2')) },
        { stable: null, latest: null },
      ])
      expect(rows.map(({ head }) => head)).toEqual([a.head(), b.head(), c.head(), d.head()])
    },
  },
  {
    name: 'shows in a summary what a listing shows, and no deleted prompt',
    async run({ prompts }) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => scriptedPrompt(id)) as [
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
        ScriptedPrompt,
      ]
      const told = { version: '1', description: 'of stable', tags: ['s'], waiting: ['3.0.0'] }
      await commitAll(prompts, a.push('1', told, { owner: 'git' }), a.promote('1'))
      await commitAll(prompts, a.push('2', { version: '2', description: 'of latest', tags: ['l'] }))
      const highest = { release: '1.0.0', version: '1', identity: 'f'.repeat(64) }
      await commitAll(prompts, b.push('1', told), b.promote('1'))
      await commitAll(prompts, amended(b, { highest, archived: true, retired: '2.0.0' }))
      await commitAll(prompts, c.push('1'), amended(c, { hold: HOLD, withdrawn: '1' }))
      const deleted = { at: AT, actor: 'ada', source: 'git' }
      await commitAll(prompts, d.push('1', {}, { owner: 'git' }), amended(d, { deleted }))
      const rows = await pages(prompts, { of: 'prompts', limit: 2 })
      expect(rows.map(({ head }) => head.promptId)).toEqual(['a', 'b', 'c'])
      const summaries = await pages(prompts, { of: 'summaries', limit: 2 })
      expect(summaries.map(summaryOf)).toEqual(rows.map(summaryOf))
    },
  },
]
