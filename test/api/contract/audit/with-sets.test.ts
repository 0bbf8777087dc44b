import { expect, test } from 'vitest'
import type { AuditRow } from '../../../../api/contract/audit/audit-row.ts'
import { AuditTrail } from '../../../../api/contract/audit/audit-trail.ts'
import { firstSet, withSets } from '../../../../api/contract/audit/with-sets.ts'
import { RegistryError } from '../../../../api/contract/errors.ts'
import type { RegistryApi } from '../../../../api/contract/registry-api.ts'
import { makeRegistry } from '../../../support/registry.ts'
import { passAt, SOURCE } from '../../../support/sets.ts'

/** The rows of a registry in short, with their sets. */
async function auditOf(api: RegistryApi) {
  const trail = new AuditTrail('test')
  for (const event of (await api.feed({ limit: 1000 })).events) trail.add(event)
  const rows = await withSets(trail.rows(), api)
  return rows.map(({ prompt_id, release, set }) => [prompt_id, release, set])
}

test('each row has the set of its release, and after a rollback the one that the rollback made', async () => {
  const { writer, clock } = makeRegistry()
  const first = await passAt(writer, '1.0.0', { a: 'a 1', b: 'b 1' })
  clock.now += 1000
  const second = await passAt(writer, '1.1.0', { a: 'a 2' })
  clock.now += 1000
  await writer.rollback('a', {})
  const { set } = await writer.currentSet(SOURCE)
  expect(await auditOf(writer)).toEqual([
    ['a', '1.0.0', first],
    ['b', '1.0.0', first],
    ['a', '1.1.0', second],
    ['a', '1.0.0', set],
  ])
})

test('a version that no set had, because it was replaced before, has none', () => {
  const row = { served_from: '2026-01-02', served_until: '2026-01-03' } as AuditRow
  const at = (moved_at: string, set: string | null = 'x') => ({ set, moved_at })
  expect(firstSet(row, [at('2026-01-03'), at('2026-01-01')])).toBe(null)
  expect(firstSet(row, [at('2026-01-03', 'y'), at('2026-01-02')])).toBe('x')
  expect(firstSet(row, [at('2026-01-02', null)])).toBe(null)
  expect(firstSet({ ...row, served_from: null }, [at('2026-01-02')])).toBe(null)
})

test('a registry without sets has rows without them, and another error is not hidden', async () => {
  const { writer } = makeRegistry()
  await passAt(writer, '1.0.0', { a: 'a 1' })
  const failing = (code: 'route_not_found' | 'busy'): RegistryApi => ({
    ...writer,
    setMoves: () => Promise.reject(new RegistryError(code, 'No.')),
  })
  expect(await auditOf(failing('route_not_found'))).toEqual([['a', '1.0.0', null]])
  await expect(auditOf(failing('busy'))).rejects.toThrow('No.')
})
