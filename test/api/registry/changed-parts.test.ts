import { describe, expect, test } from 'vitest'
import type { PushRequest, RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry } from '../../support/registry.ts'

const FIRST = {
  prompt_id: 'p',
  content: 'Sort {{message}}.',
  variables: ['message'],
  config: { model: 'a' },
  description: 'Sorts.',
  tags: ['support'],
} satisfies PushRequest

/** Promotes the first version and then another one; returns their labels. */
async function promoteAfterFirst(api: RegistryApi, changes: Partial<PushRequest>) {
  const first = await api.push(FIRST)
  await api.promote('p', { version: first.version })
  const next = await api.push({ ...FIRST, ...changes })
  await api.promote('p', { version: next.version })
  return { first: first.version, next: next.version }
}

async function newest(api: RegistryApi, type: string) {
  const { events } = await api.events('p')
  return events.find((event) => event.type === type)?.details
}

describe('the event of a promotion names the changed parts', () => {
  test.each<[string, Partial<PushRequest>]>([
    ['content', { content: 'Sort {{message}} now.' }],
    ['config', { config: { model: 'b' } }],
    ['description', { description: 'Sorts messages.' }],
    ['tags', { tags: [] }],
    ['inputs', { variables: ['message', 'tone'] }],
  ])('%s', async (part, changes) => {
    const { admin } = makeRegistry()
    await promoteAfterFirst(admin, changes)
    expect(await newest(admin, 'promoted')).toMatchObject({ changed: [part] })
  })

  test('several at once', async () => {
    const { admin } = makeRegistry()
    await promoteAfterFirst(admin, { content: 'Sort {{text}}.', variables: ['text'] })
    expect(await newest(admin, 'promoted')).toMatchObject({ changed: ['content', 'inputs'] })
  })

  test('not of the first one, which replaces nothing', async () => {
    const { admin } = makeRegistry()
    const { version } = await admin.push(FIRST)
    await admin.promote('p', { version, alias: '1.0.0' })
    expect(await newest(admin, 'promoted')).toEqual({ release: '1.0.0' })
  })
})

test('the events of a rollback and of a revocation name the changed parts too', async () => {
  const { admin } = makeRegistry()
  const { next } = await promoteAfterFirst(admin, { config: null })
  await admin.rollback('p', { hold: 'none' })
  expect(await newest(admin, 'rolled_back')).toEqual({ changed: ['config'] })
  await admin.promote('p', { version: next })
  await admin.revoke('p', { version: next, scope: 'version' })
  expect(await newest(admin, 'rolled_back')).toEqual({ changed: ['config'] })
})
