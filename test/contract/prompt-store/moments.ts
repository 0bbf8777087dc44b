import { expect } from 'vitest'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { type ScriptedPrompt, scriptedPrompt } from '../../support/registry-records.ts'
import { commitAll, type PromptStoreCase } from './harness.ts'

/** Two texts that take turns in being stable, forever. */
export async function swapping(prompts: PromptStore, times: number): Promise<ScriptedPrompt> {
  const script = scriptedPrompt('p')
  await commitAll(prompts, script.push('a', { version: 'a' }), script.push('b', { version: 'b' }))
  await commitAll(prompts, script.promote('a'))
  for (let turn = 0; turn < times; turn++) {
    await commitAll(prompts, script.promote(script.head().stable === 'a' ? 'b' : 'a'))
  }
  return script
}

export const moments: readonly PromptStoreCase[] = [
  {
    name: 'shows every reader one moment while commits go on',
    async run({ prompts }) {
      let writing = true
      const moments: string[] = []
      const watch = async () => {
        while (writing) {
          // Gives way also where the adapter answers at once: nothing else would ever run.
          await new Promise(setImmediate)
          const snapshot = await prompts.snapshot('p')
          if (snapshot?.head.stable == null) continue
          moments.push(`${snapshot.head.stable} ${snapshot.stable?.version} ${snapshot.stable?.status}`)
        }
      }
      const readers = [watch(), watch(), watch()]
      await swapping(prompts, 40).finally(() => {
        writing = false
      })
      await Promise.all(readers)
      expect(moments.length).toBeGreaterThan(0)
      const whole = ['a a stable', 'b b stable']
      expect([...new Set(moments)].filter((moment) => !whole.includes(moment))).toEqual([])
    },
  },
  {
    name: 'shows a commit that has answered to every read that starts after it',
    async run({ prompts }) {
      const script = scriptedPrompt('p')
      await commitAll(prompts, script.push('a', { version: 'a' }), script.push('b', { version: 'b' }))
      for (let turn = 0; turn < 10; turn++) {
        const label = turn % 2 === 0 ? 'a' : 'b'
        await commitAll(prompts, script.promote(label))
        const [snapshot, found] = await Promise.all([
          prompts.snapshot('p'),
          prompts.find('p', { names: ['a', 'b'] }),
        ])
        expect(snapshot?.head).toEqual(script.head())
        expect(snapshot?.stable).toEqual(script.version(label))
        expect([...found.byName.values()]).toEqual([script.version('a'), script.version('b')])
      }
    },
  },
]
