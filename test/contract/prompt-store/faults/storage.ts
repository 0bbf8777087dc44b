import { type PromptFault, paging } from './spoiling.ts'

export const storage: readonly PromptFault[] = [
  {
    name: 'fails its check',
    caught: 'answers its check',
    spoil: () => ({ check: () => Promise.reject(new Error('never')) }),
  },
  {
    name: 'has lost its events when it is opened again',
    caught: 'has everything when it is opened again',
    spoil: () => ({}),
    reopened:
      ({ reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again === undefined) throw new Error('nothing to open again')
        const nothing = async () => ({ items: [], next: null })
        return { ...again, prompts: { ...again.prompts, ...paging(again.prompts, 'events', nothing) } }
      },
  },
  {
    name: 'throws errors of its own',
    caught: 'says that it is busy or unavailable when its storage cannot be reached',
    spoil: (right) => ({
      snapshot: (id) => right.snapshot(id).catch((error) => Promise.reject(new Error(String(error)))),
    }),
  },
  {
    name: 'takes a storage that it cannot reach for an empty one',
    caught: 'says that it is busy or unavailable when its storage cannot be reached',
    spoil: (right) => ({ snapshot: (id) => right.snapshot(id).catch(() => undefined) }),
  },
]
