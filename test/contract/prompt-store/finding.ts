import { expect } from 'vitest'
import { claim, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase } from './harness.ts'

export const finding: readonly PromptStoreCase[] = [
  {
    name: 'finds a version by the key of its label and of every alias, and by nothing else',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { version: 'v2' }), script.push('two', { version: 'abc' }))
      await commitAll(prompts, script.name('abc', 'v1.3', null), script.name('abc', 'Blue', null))
      const names = ['2.0.0', '1.3.0', 'abc', 'Blue', 'v2', 'v1.3', '1.3', 'blue', 'ABC', 'absent']
      const found = await prompts.find('p', { names })
      const labels = Object.fromEntries([...found.byName].map(([key, version]) => [key, version.version]))
      expect(labels).toEqual({ '2.0.0': 'v2', '1.3.0': 'abc', abc: 'abc', Blue: 'abc' })
    },
  },
  {
    name: 'finds a version by many names asked for at once',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { version: 'a' }))
      const version = script.version('a')
      const names = Array.from({ length: 90 }, (_, index) => claim(`1.0.${index}`, version, `1.0.${index}`))
      await commitAll(prompts, script.amend({ names }))
      const keys = names.map(({ key }) => key)
      expect([...(await prompts.find('p', { names: keys })).byName.keys()].sort()).toEqual(keys.sort())
    },
  },
  {
    name: 'finds the first version with each identity',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('other', { version: 'a' }), script.push('same', { version: 'z' }))
      await commitAll(prompts, script.push('same', { version: 'b' }))
      const { identity } = script.version('b')
      const { identity: other } = script.version('a')
      const absent = 'f'.repeat(64)
      const { byIdentity } = await prompts.find('p', { identities: [identity, absent, other] })
      expect(Object.fromEntries(byIdentity)).toEqual({
        [identity]: script.version('z'),
        [other]: script.version('a'),
      })
    },
  },
  {
    name: 'finds every version with a content, whatever its config, in the order of their pushes',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(
        prompts,
        script.push('same', { version: 'z', config: { model: 'x' } }),
        script.push('other', { version: 'y' }),
        script.push('same', { version: 'a' }),
        script.push('same', { version: 'm', variables: ['who'] }),
      )
      const { contentSha256 } = script.version('a')
      const { sameContent } = await prompts.find('p', { contents: [contentSha256] })
      expect(sameContent).toEqual(['z', 'a', 'm'].map(script.version))
    },
  },
  {
    name: 'gives nothing that was not asked for',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('one', { version: 'a' }))
      const found = await prompts.find('p', {})
      expect({ ...found, byName: [...found.byName], byIdentity: [...found.byIdentity] }).toEqual({
        byName: [],
        byIdentity: [],
        sameContent: [],
      })
    },
  },
]
