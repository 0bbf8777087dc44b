import { StatementSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import type { BatchOperation } from '../../../api/contract/registry-api.ts'
import { identityLabel, sha256 } from '../../../api/contract/version.ts'
import type { AtomicChange } from '../../../api/store/atomic-change.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { storageFull } from '../../../api/store/sqlite/failures.ts'
import { makeRegistry, read, release } from '../../support/registry.ts'

const push = (prompt_id: string, content: string, version?: string): BatchOperation => ({
  op: 'push',
  prompt_id,
  content,
  ...(version !== undefined && { version }),
})

describe('a batch', () => {
  test('returns one outcome per operation, in order', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'taken', '1.0.0')
    const { outcomes } = await admin.batch({
      operations: [
        push('a', 'one', '1.0.0'),
        push('b', 'two'),
        { op: 'promote', prompt_id: 'a', version: '1.0.0' },
        push('taken', 'other'),
        { op: 'alias', prompt_id: 'a', version: '1.0.0', alias: 'first' },
        push('a//b', 'x'),
        push('b', 'two'),
      ],
    })
    expect(outcomes.map((outcome) => [outcome.status, outcome.ok])).toEqual([
      [201, true],
      [201, true],
      [200, true],
      [409, false],
      [200, true],
      [400, false],
      [200, true],
    ])
    expect(outcomes[3]).toMatchObject({ code: 'not_owner', error: expect.stringContaining('git') })
    expect(outcomes[2]).toMatchObject({ result: { prompt_id: 'a', version: '1.0.0', status: 'stable' } })
  })

  test('takes ten statements for each new prompt that is pushed and promoted', async () => {
    const { admin } = makeRegistry()
    const { lease } = await admin.lease('git', { holder: 'test' })
    const lease_token = lease?.token ?? 0
    const statements = (['get', 'all', 'run'] as const).map((name) => vi.spyOn(StatementSync.prototype, name))
    const cost = async (first: number, count: number) => {
      const ids = Array.from({ length: count }, (_, n) => `p${first + n}`)
      const operations = ids.flatMap((id): BatchOperation[] => [
        { ...push(id, id), origin: { source: 'git' }, lease_token } as BatchOperation,
        {
          ...{ op: 'promote', prompt_id: id, version: identityLabel(sha256(id)) },
          ...{ alias: '1.0.0', source: 'git', lease_token },
        },
      ])
      for (const one of statements) one.mockClear()
      const { outcomes } = await admin.batch({ operations })
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(operations.length)
      return statements.reduce((sum, { mock }) => sum + mock.calls.length, 0)
    }
    expect((await cost(0, 30)) - (await cost(100, 10))).toBe(20 * 10)
  })

  test('runs the operations of one prompt in order', async () => {
    const { admin } = makeRegistry()
    const operations = Array.from({ length: 30 }, (_, index) => push('p', `text ${index}`, `v${index}`))
    await admin.batch({ operations })
    expect(await read(admin, 'p', 'dev')).toBe('text 29')
    const { versions } = await admin.versions('p')
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: 30 }, (_, index) => `v${29 - index}`),
    )
  })

  test('treats ids that differ by case as one prompt', async () => {
    const { admin } = makeRegistry()
    const { outcomes } = await admin.batch({ operations: [push('p', 'one'), push('P', 'two')] })
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, code: 'id_differs_by_case' }])
  })

  test('continues after an operation that fails', async () => {
    const { admin } = makeRegistry()
    const { outcomes } = await admin.batch({
      operations: [{ op: 'promote', prompt_id: 'p', version: 'x' }, push('p', 'one', 'x')],
    })
    expect(outcomes).toMatchObject([
      { ok: false, status: 404, code: 'not_found' },
      { ok: true, status: 201 },
    ])
  })
})

describe('a push and a promotion of a new prompt in one batch', () => {
  const operations: readonly BatchOperation[] = [
    push('p', 'one', '1.0.0'),
    { op: 'promote', prompt_id: 'p', version: '1.0.0', alias: 'first' },
  ]

  test('are one commit, and leave what two leave', async () => {
    const commits: AtomicChange[] = []
    const between = (prompts: PromptStore): PromptStore => ({
      ...prompts,
      commit: (change) => prompts.commit(commits[commits.push(change) - 1] as AtomicChange),
    })
    const together = makeRegistry({ between })
    const apart = makeRegistry()
    const { outcomes } = await together.admin.batch({ operations: [...operations] })
    const alone: unknown[] = []
    for (const operation of operations)
      alone.push(...(await apart.admin.batch({ operations: [operation] })).outcomes)
    expect(outcomes).toEqual(alone)
    expect(commits).toHaveLength(1)
    for (const what of ['versions', 'events'] as const)
      expect(await together.admin[what]('p')).toEqual(await apart.admin[what]('p'))
    expect(await together.prompts.snapshot('p')).toEqual(await apart.prompts.snapshot('p'))
    expect(await read(together.admin, 'p@first')).toBe('one')
    // The prompt exists now, so each change is a commit.
    const promotion = { op: 'promote', prompt_id: 'p', version: '1.1.0' } as const
    await together.admin.batch({ operations: [push('p', 'two', '1.1.0'), promotion] })
    expect(commits).toHaveLength(3)
  })

  test('decide again if another writer made the prompt meanwhile', async () => {
    let isFirst = true
    const { admin } = makeRegistry({
      between: (prompts) => ({
        ...prompts,
        async commit(change) {
          if (!isFirst) return await prompts.commit(change)
          isFirst = false
          await admin.push({ prompt_id: 'p', content: 'from another', version: '0.9.0' })
          return await prompts.commit(change)
        },
      }),
    })
    const { outcomes } = await admin.batch({ operations: [...operations] })
    expect(outcomes).toMatchObject([{ status: 201 }, { status: 200 }])
    expect((await admin.versions('p')).versions.map(({ version }) => version)).toEqual(['1.0.0', '0.9.0'])
  })

  test('keep the push if the promotion is refused', async () => {
    const { admin } = makeRegistry()
    const { outcomes } = await admin.batch({
      operations: [push('p', 'one', '1.0.0'), { op: 'promote', prompt_id: 'p', version: '2.0.0' }],
    })
    expect(outcomes).toMatchObject([{ status: 201 }, { status: 404, code: 'not_found' }])
    expect(await read(admin, 'p', 'dev')).toBe('one')
  })

  test('both fail if the commit does', async () => {
    const { admin } = makeRegistry({
      between: (prompts) => ({ ...prompts, commit: () => Promise.reject(storageFull()) }),
    })
    const { outcomes } = await admin.batch({ operations: [...operations] })
    expect(outcomes).toMatchObject([
      { ok: false, status: 507, code: 'storage_full' },
      { ok: false, status: 507, code: 'storage_full' },
    ])
  })
})
