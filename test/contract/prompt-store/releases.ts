import { expect } from 'vitest'
import type { Release } from '../../../api/contract/index.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { claim, type ScriptedPrompt, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase, pages } from './harness.ts'

/** From the highest down. */
const RELEASES: readonly Release[] = [
  '10.0.0',
  '2.0.0',
  '1.10.0',
  '1.9.0',
  '1.0.1',
  '1.0.0',
  '1.0.0-rc.1',
  '1.0.0-beta.11',
  '1.0.0-beta.2',
  '1.0.0-beta',
  '1.0.0-alpha-b',
  '1.0.0-alpha.beta',
  '1.0.0-alpha.1',
  '1.0.0-alpha',
  '1.0.0-99999999999999999999',
  '1.0.0-10000000000000000000',
  '1.0.0-7',
  '0.0.9007199254740991',
  '0.0.1',
]

async function withReleases(prompts: PromptStore): Promise<ScriptedPrompt> {
  const script = scriptedPrompt('p')
  await commitAll(prompts, script.push('one', { version: 'a' }))
  const shuffled = RELEASES.map((name, index) => ({ name, at: (index * 7) % RELEASES.length }))
  shuffled.sort((a, b) => a.at - b.at)
  await commitAll(
    prompts,
    script.amend({
      names: [
        ...shuffled.map(({ name }) => claim(name, script.version('a'), name)),
        claim('7.0.0', script.version('a'), null),
      ],
    }),
    script.amend({ names: [claim('no-release', script.version('a'), null)] }),
  )
  return script
}

export const releases: readonly PromptStoreCase[] = [
  {
    name: 'lists the names that are releases from the highest down, pre-releases below theirs',
    async run({ prompts }) {
      const script = await withReleases(prompts)
      for (const limit of [1, 4, 100]) {
        const found = await pages(prompts, { of: 'releases', promptId: 'p', from: null, limit })
        expect(found).toEqual(RELEASES.map((name) => claim(name, script.version('a'), name)))
      }
    },
  },
  {
    name: 'lists the releases at or below one, whether that one is there or not',
    async run({ prompts }) {
      await withReleases(prompts)
      const below = async (from: Release, limit = 3) =>
        (await pages(prompts, { of: 'releases', promptId: 'p', from, limit })).map(({ name }) => name)
      expect(await below('1.9.0')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.9.0+build')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.9.5')).toEqual(RELEASES.slice(RELEASES.indexOf('1.9.0')))
      expect(await below('1.0.0-beta.3')).toEqual(RELEASES.slice(RELEASES.indexOf('1.0.0-beta.2')))
      expect(await below('0.0.1')).toEqual(['0.0.1'])
      expect(await below('0.0.1-a')).toEqual([])
    },
  },
  {
    name: 'lists every name of one release that has several',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { version: 'a' }), script.push('two', { version: 'b' }))
      const names = ['1.0.0+b', '1.0.0', '1.0.0+a', '2.0.0']
      await commitAll(
        prompts,
        script.amend({ names: names.map((name) => claim(name, script.version('a'), name)) }),
      )
      const found = await pages(prompts, { of: 'releases', promptId: 'p', from: '1.0.0', limit: 1 })
      expect(found.map(({ name }) => name).sort()).toEqual(['1.0.0', '1.0.0+a', '1.0.0+b'])
    },
  },
]
