import { expect } from 'vitest'
import { scriptedPrompt } from '../../support/registry-records.ts'
import { everything } from './commits.ts'
import { commitAll, expectFailure, type PromptStoreCase } from './harness.ts'
import { swapping } from './moments.ts'

export const storage: readonly PromptStoreCase[] = [
  {
    name: 'answers its check',
    async run({ prompts }) {
      await expect(prompts.check()).resolves.toBeUndefined()
    },
  },
  {
    name: 'has everything when it is opened again',
    needs: 'reopen',
    async run({ prompts, reopen }) {
      const script = await swapping(prompts, 3)
      await commitAll(prompts, script.name('a', '1.0.0', '1.0.0'))
      const before = await everything(prompts, 'p', ['a', 'b', '1.0.0'])
      if (reopen === undefined) throw new Error('nothing to open again')
      const again = await reopen()
      expect(await everything(again.prompts, 'p', ['a', 'b', '1.0.0'])).toEqual(before)
      expect(await again.prompts.content('p', script.version('a'))).toBe('a')
      await commitAll(again.prompts, script.push('c'))
      expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
    },
  },
  {
    name: 'says that it is busy or unavailable when its storage cannot be reached',
    needs: 'unreachable',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      const change = script.push('one')
      const version = script.version(change.head.latest ?? '')
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        snapshot: () => prompts.snapshot('p'),
        find: () => prompts.find('p', { names: ['a'] }),
        content: () => prompts.content('p', version),
        commit: () => prompts.commit(change),
        page: () => prompts.page<'prompts'>({ of: 'prompts', limit: 1 }),
        check: () => prompts.check(),
      }
      for (const [name, call] of Object.entries(calls)) await expectFailure(name, call())
    },
  },
]
