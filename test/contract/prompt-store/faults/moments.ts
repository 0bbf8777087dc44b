import type { FoundVersions } from '../../../../api/store/prompt-store.ts'
import type { Snapshot } from '../../../../api/store/records.ts'
import type { PromptFault } from './spoiling.ts'

export const moments: readonly PromptFault[] = [
  {
    name: 'reads the head and then its versions',
    caught: 'shows every reader one moment while commits go on',
    spoil: (right) => ({
      async snapshot(id) {
        const snapshot = await right.snapshot(id)
        const label = snapshot?.head.stable
        if (snapshot === undefined || label == null) return snapshot
        await new Promise(setImmediate)
        const stable = (await right.find(id, { names: [label] })).byName.get(label) ?? null
        return { ...snapshot, stable }
      },
    }),
  },
  {
    name: 'remembers a snapshot for a while',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => {
      let calls = 0
      let remembered: Snapshot | undefined
      return {
        async snapshot(id) {
          if (calls++ % 3 === 0) remembered = await right.snapshot(id)
          return remembered
        },
      }
    },
  },
  {
    name: 'remembers what it found',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => {
      const remembered = new Map<string, FoundVersions>()
      return {
        async find(id, query) {
          const key = JSON.stringify([id, query])
          const found = remembered.get(key) ?? (await right.find(id, query))
          remembered.set(key, found)
          return found
        },
      }
    },
  },
  {
    name: 'answers before it has written',
    caught: 'shows a commit that has answered to every read that starts after it',
    spoil: (right) => ({
      async commit(change) {
        right.commit(change).catch(() => undefined)
        return true
      },
    }),
  },
]
