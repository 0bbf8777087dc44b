import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../api/contract/version.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { read, type TestRegistry } from '../../support/registry.ts'
import { leased, passAt, readMany, SOURCE, stoppedPassAt, withSet } from '../../support/sets.ts'

async function started(options: Parameters<typeof withSet>[0] = {}): Promise<TestRegistry & { set: string }> {
  const registry = await withSet(options)
  onTestFinished(registry.close)
  return registry
}

/** A pass that stops after it promoted `a`, so the pointer is still at release 1.0.0. */
async function halfAPass({ writer }: TestRegistry): Promise<number> {
  const lease_token = await leased(writer)
  const origin = { source: SOURCE }
  for (const prompt_id of ['a', 'fresh']) {
    const { version } = await writer.push({ prompt_id, content: `${prompt_id} 2`, origin, lease_token })
    await writer.promote(prompt_id, { version, alias: '2.0.0', source: SOURCE, lease_token })
  }
  return lease_token
}

test('references without a pin answer from the current set until a pass moves the pointer', async () => {
  const registry = await started()
  const { writer } = registry
  const lease_token = await halfAPass(registry)
  for (const mode of ['production', 'staging'])
    expect(await readMany(writer, ['a', 'b', 'a@2.0.0'], { mode })).toEqual(['a 1', 'b 1', 'a 2'])
  expect(await read(writer, 'a')).toBe('a 2')
  await writer.moveSet(SOURCE, { release: 'v2.0.0', lease_token })
  expect(await readMany(writer, ['a', 'b', 'fresh'])).toEqual(['a 2', 'b 1', 'fresh 2'])
})

test('an answer from a set says so, and others do not', async () => {
  const { writer, set } = await started()
  const { results } = await writer.resolveMany({ references: ['a', 'a@1.0.0'] })
  expect(results).toMatchObject([{ prompt: { set, immutable: false } }, { prompt: { immutable: true } }])
  expect(results[1]).not.toHaveProperty('prompt.set')
  const named = await writer.resolveMany({ references: ['a'], set })
  expect(named.results).toMatchObject([{ prompt: { set, immutable: true } }])
})

test('simulation and dev never answer from a set, and neither does a request without sets', async () => {
  const registry = await started()
  const { writer, set } = registry
  await halfAPass(registry)
  for (const mode of ['simulation', 'dev'])
    for (const more of [{}, { set }, { sets: true }])
      expect(await readMany(writer, ['a', 'fresh'], { mode, ...more })).toEqual(['a 2', 'fresh 2'])
  expect(await readMany(writer, ['a', 'fresh'], { sets: false })).toEqual(['a 2', 'fresh 2'])
})

test('a prompt outside of the set is not_in_set, and one that never was released is still not_released', async () => {
  const registry = await started()
  const { writer, set } = registry
  await halfAPass(registry)
  await writer.push({ prompt_id: 'loose', content: 'of nobody' })
  expect(await readMany(writer, ['fresh', 'loose', 'none'])).toEqual([
    'not_in_set',
    'not_released',
    'not_found',
  ])
  expect(await readMany(writer, ['fresh', 'loose', 'none'], { set })).toEqual([
    'not_in_set',
    'not_in_set',
    'not_found',
  ])
})

test('a named set answers after the pointer went on, even if earlier releases are blocked', async () => {
  const { writer, set } = await started({ settings: { deprecatedPins: 'block' } })
  await passAt(writer, '2.0.0', { a: 'a 2' })
  expect(await readMany(writer, ['a', 'a@1.0.0'], { set })).toEqual(['a 1', 'not_released'])
})

test('a set that the registry does not have is refused as a whole', async () => {
  const { writer } = await started()
  await expect(readMany(writer, ['a'], { set: 'ab'.repeat(32) })).rejects.toMatchObject({ code: 'no_set' })
})

test('a revoked member is revoked in every set', async () => {
  const { writer, set } = await started()
  await passAt(writer, '2.0.0', { a: 'a 2' })
  await writer.revoke('a', { version: '1.0.0' })
  expect(await readMany(writer, ['a', 'b'], { set })).toEqual(['revoked', 'b 1'])
  expect(await readMany(writer, ['a'])).toEqual(['a 2'])
})

test('a request whose set moved because of a revocation starts over', async () => {
  let during = async () => {}
  const between = (prompts: PromptStore): PromptStore => ({
    ...prompts,
    async find(...query) {
      const run = during
      during = async () => {}
      await run()
      return await prompts.find(...query)
    },
  })
  const registry = await started({ between })
  const { writer } = registry
  await passAt(writer, '2.0.0', { a: 'a 2' })
  await stoppedPassAt(writer, '3.0.0', { a: 'a 3' })
  // `a` is served from the set, so the request looks for its version after it read the pointer.
  during = async () => void (await writer.revoke('a', { version: '2.0.0' }))
  expect(await readMany(writer, ['a'])).toEqual(['a 3'])
})

test('a request reads the pointer of each source once, and looks for no version that is stable', async () => {
  let finds = 0
  const registry = await started({
    between: (prompts) => ({
      ...prompts,
      find(...query) {
        finds++
        return prompts.find(...query)
      },
    }),
  })
  const { writer, sets } = registry
  await passAt(writer, '1.0.0', { c: 'c 1' }, 'other')
  const pointers: string[] = []
  const right = sets.pointer
  Object.assign(sets, {
    pointer(source: string) {
      pointers.push(source)
      return right(source)
    },
  })
  finds = 0
  expect(await readMany(writer, ['a', 'b', 'c'])).toEqual(['a 1', 'b 1', 'c 1'])
  expect([pointers.sort(), finds]).toEqual([['git', 'other'], 0])
})

test('another file of a skill is that of the version in the named set', async () => {
  const { writer } = await started()
  const lease_token = await leased(writer)
  for (const release of ['1.0.0', '2.0.0']) {
    const text = `rules of ${release}`
    const files = [{ path: 'rules.md', bytes: text.length, sha256: sha256(text), text }]
    const pushed = { prompt_id: 'skill', content: `skill of ${release}`, front_matter: '', files }
    const { version } = await writer.push({ ...pushed, origin: { source: SOURCE }, lease_token })
    await writer.promote('skill', { version, alias: release, source: SOURCE, lease_token })
    await writer.moveSet(SOURCE, { release: `v${release}`, lease_token })
  }
  const { moves } = await writer.setMoves(SOURCE)
  const [second, first] = moves.map(({ set }) => set ?? '')
  const textIn = async (set?: string) =>
    (await writer.folderFile('skill', 'rules.md', set ? { set } : {})).text
  expect(await textIn(first)).toBe('rules of 1.0.0')
  expect([await textIn(second), await textIn()]).toEqual(['rules of 2.0.0', 'rules of 2.0.0'])
  const before = moves.at(-1)?.set ?? ''
  await expect(textIn(before)).rejects.toMatchObject({ code: 'not_in_set' })
})
