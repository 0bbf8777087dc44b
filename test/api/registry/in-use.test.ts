import { describe, expect, test } from 'vitest'
import { dayOf, daysBefore } from '../../../api/contract/day.ts'
import type { PromptId } from '../../../api/contract/prompt-id.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry, outcome, read, release, type TestRegistry } from '../../support/registry.ts'

/** Counts reads of a prompt, `daysAgo` days before now. */
async function countReads({ reads, clock }: TestRegistry, promptId: string, daysAgo: number, count = 3) {
  const day = daysBefore(dayOf(clock.now), daysAgo)
  const id = promptId as PromptId
  await reads.add([{ promptId: id, version: '1', application: 'triage-agent', day, reads: count }], 90)
}

async function withPrompts(ids: readonly string[]) {
  const registry = makeRegistry()
  for (const id of ids) await release(registry.admin, id, '1.0.0', `text of ${id}`)
  return registry
}

async function retire(api: RegistryApi, more: object = {}) {
  const { outcomes } = await api.batch({
    operations: [{ op: 'retire', prompt_id: 'p', release: '2.0.0', source: 'git', ...more }],
  })
  return outcomes[0]
}

describe('retiring a prompt', () => {
  test('is refused if it was read in the last seven days, with its readers', async () => {
    const registry = await withPrompts(['p'])
    await countReads(registry, 'p', 6)
    expect(await retire(registry.writer)).toEqual({
      ok: false,
      status: 409,
      code: 'in_use',
      error:
        'The prompt "p" was read 3 times in the last 7 days, by triage-agent, so release 2.0.0 does not retire it. To retire it all the same, set "confirm" (promptctl sync: --confirm).',
      details: { prompt_id: 'p', reads: 3, applications: ['triage-agent'] },
    })
    expect(await read(registry.writer, 'p')).toBe('text of p')
  })

  test('is done all the same once it is confirmed', async () => {
    const registry = await withPrompts(['p'])
    await countReads(registry, 'p', 0)
    expect(await retire(registry.writer, { confirm: true })).toMatchObject({ ok: true })
    expect(await read(registry.writer, 'p')).toBe('not_released')
  })

  test('needs no confirmation if nobody has read it for seven days', async () => {
    const registry = await withPrompts(['p'])
    await countReads(registry, 'p', 7)
    expect(await retire(registry.writer)).toMatchObject({ ok: true })
  })

  test('needs none either if it is out of service already', async () => {
    const registry = await withPrompts(['p'])
    await retire(registry.writer)
    await countReads(registry, 'p', 0)
    expect(await retire(registry.writer)).toMatchObject({ ok: true, result: { changed: false } })
  })

  test('is refused as held before it is refused as in use', async () => {
    const registry = await withPrompts(['p'])
    await countReads(registry, 'p', 0)
    await registry.writer.hold('p', {})
    expect(await retire(registry.writer)).toMatchObject({ code: 'held' })
  })
})

describe('deleting the prompts of a source', () => {
  test('is refused if one of them was read, and deletes none', async () => {
    const registry = await withPrompts(['a', 'b', 'c'])
    const { admin } = registry
    await countReads(registry, 'b', 0, 1)
    for (const dry_run of [true, false])
      await expect(admin.forget('git', { delete: true, dry_run })).rejects.toMatchObject({
        code: 'in_use',
        message:
          '1 prompt is in use, so the source "git" is not deleted: "b" was read once in the last 7 days, by triage-agent. To delete it all the same, set "confirm" (promptctl: --confirm).',
        details: {
          source: 'git',
          prompts: [{ prompt_id: 'b', reads: 1, applications: ['triage-agent'] }],
        },
      })
    for (const id of ['a', 'b', 'c']) expect(await read(admin, id)).toBe(`text of ${id}`)
  })

  test('is done all the same once it is confirmed', async () => {
    const registry = await withPrompts(['a', 'b'])
    await countReads(registry, 'b', 0)
    await registry.admin.forget('git', { delete: true, confirm: true })
    expect([await read(registry.admin, 'a'), await read(registry.admin, 'b')]).toEqual(['gone', 'gone'])
  })

  test('names the first five of many', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const registry = await withPrompts(ids)
    for (const id of ids) await countReads(registry, id, 0)
    const refusal = registry.admin.forget('git', { delete: true })
    await expect(refusal).rejects.toThrow(
      /^7 prompts are in use, .* by triage-agent; and 2 more\. To delete them/,
    )
  })

  test('needs no confirmation because of prompts of others', async () => {
    const registry = await withPrompts(['a'])
    const { admin } = registry
    await release(admin, 'z', '1.0.0', 'text', 'other')
    await countReads(registry, 'z', 0)
    expect(await outcome(admin.forget('git', { delete: true }))).toBe('done')
  })

  test('and archiving them changes nothing for readers, so it needs none', async () => {
    const registry = await withPrompts(['a'])
    await countReads(registry, 'a', 0)
    await registry.admin.forget('git', {})
    expect(await read(registry.admin, 'a')).toBe('text of a')
  })
})
