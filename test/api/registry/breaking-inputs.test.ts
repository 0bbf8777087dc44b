import { describe, expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry, outcome, type TestRegistryOptions } from '../../support/registry.ts'

const ENFORCE: TestRegistryOptions = { settings: { inputs: 'enforce' } }

/** Pushes a version whose file declares these inputs, and returns its label. */
async function pushInputs(api: RegistryApi, variables: readonly string[], content = 'Hi'): Promise<string> {
  const front_matter = `---\nvariables: [${variables.join(', ')}]\n---\n`
  const { version } = await api.push({ prompt_id: 'p', front_matter, content, format: 'front-matter' })
  return version
}

async function settled(api: RegistryApi, release = '1.2.0'): Promise<string> {
  const version = await pushInputs(api, ['who', 'tone'])
  await api.promote('p', { version, alias: release })
  return version
}

const lastEvent = async (api: RegistryApi, type: string) =>
  (await api.events('p')).events.find((event) => event.type === type)

describe('a promotion', () => {
  test('records the changed inputs in its event', async () => {
    const { admin } = makeRegistry()
    await settled(admin)
    const version = await pushInputs(admin, ['who', 'size?'])
    await admin.promote('p', { version, alias: '2.0.0' })
    expect((await lastEvent(admin, 'promoted'))?.details).toEqual({
      release: '2.0.0',
      changed: ['inputs'],
      inputs: [
        { name: 'tone', step: 'major', what: 'was removed or renamed' },
        { name: 'size', step: 'minor', what: 'was added and is optional' },
      ],
    })
  })

  test('records at most 20 changed inputs, and how many more there are', async () => {
    const { admin } = makeRegistry()
    await settled(admin)
    const names = Array.from({ length: 30 }, (_, index) => `input${index}?`)
    await admin.promote('p', { version: await pushInputs(admin, ['who', 'tone', ...names]) })
    const details = (await lastEvent(admin, 'promoted'))?.details
    expect(details).toMatchObject({ more_inputs: 10 })
    expect(details?.inputs).toHaveLength(20)
  })

  test('that breaks callers is made if the registry only reports inputs', async () => {
    const { admin } = makeRegistry()
    await settled(admin)
    const version = await pushInputs(admin, ['who'])
    expect(await outcome(admin.promote('p', { version, alias: '1.2.1' }))).toBe('done')
  })

  test('that breaks callers is refused with the inputs if the registry enforces them', async () => {
    const { admin } = makeRegistry(ENFORCE)
    await settled(admin)
    const version = await pushInputs(admin, ['who'])
    await expect(admin.promote('p', { version, alias: '1.3.0' })).rejects.toMatchObject({
      code: 'breaking_inputs',
      message:
        'Release 1.3.0 of "p" breaks callers of 1.2.0: "tone" was removed or renamed. Release it as 2.0.0 or higher, restore the inputs, or promote it by hand with allow_breaking_inputs (promptctl promote --allow-breaking-inputs).',
      details: {
        ...{ prompt_id: 'p', version, release: '1.3.0', from: '1.2.0' },
        inputs: [{ name: 'tone', step: 'major', what: 'was removed or renamed' }],
      },
    })
    expect((await admin.resolve('p')).release).toBe('1.2.0')
    expect(await outcome(admin.resolve('p@1.3.0', { mode: 'dev' }))).toBe('not_found')
  })

  test.each([
    ['a higher major release', { alias: '2.0.0' }, 'done'],
    ['a confirmation', { alias: '1.3.0', allow_breaking_inputs: true }, 'done'],
    ['no release at all', {}, 'breaking_inputs'],
  ])('that breaks callers, with %s', async (_, request, expected) => {
    const { admin } = makeRegistry(ENFORCE)
    await settled(admin)
    const version = await pushInputs(admin, ['who'])
    expect(await outcome(admin.promote('p', { version, ...request }))).toBe(expected)
  })

  test('of a waiting release is measured by that release', async () => {
    const { admin } = makeRegistry(ENFORCE)
    await settled(admin)
    const version = await pushInputs(admin, ['who'])
    await admin.addAlias('p', { version, alias: '2.0.0', waiting: true })
    expect(await outcome(admin.promote('p', { version: '2.0.0' }))).toBe('done')
  })

  test('without declared inputs on either side is made', async () => {
    const { admin } = makeRegistry(ENFORCE)
    await settled(admin)
    const { version } = await admin.push({ prompt_id: 'p', content: 'plain' })
    expect(await outcome(admin.promote('p', { version, alias: '1.3.0' }))).toBe('done')
  })
})

test('a rollback never checks inputs', async () => {
  const { admin } = makeRegistry(ENFORCE)
  const first = await settled(admin)
  await admin.promote('p', { version: await pushInputs(admin, ['who']), alias: '2.0.0' })
  await admin.rollback('p', {})
  expect((await admin.resolve('p')).version).toBe(first)
})

test('a lookup has the inputs that the stable version declares, and whether they are enforced', async () => {
  const inputs = ['who', 'tone'].map((name) => ({ name, type: 'any', required: true }))
  for (const [options, enforces_inputs] of [
    [ENFORCE, true],
    [{}, false],
  ] as const) {
    const { admin } = makeRegistry(options)
    await settled(admin)
    const { prompts } = await admin.lookup({ prompts: [{ prompt_id: 'p' }, { prompt_id: 'absent' }] })
    expect(prompts).toMatchObject([
      { stable_inputs: inputs, enforces_inputs },
      { stable_inputs: null, enforces_inputs },
    ])
  }
})
