import { describe, expect, test } from 'vitest'
import type { BatchOperation } from '../../../api/contract/registry-api.ts'
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
