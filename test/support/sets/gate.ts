import type { Stores } from './stores.ts'

/** Called before and after each call to a store. A rejection ends the process that made it. */
export type OnCall = () => Promise<void>

/** The same stores for a process that others interrupt at any call. */
export function interrupted(stores: Stores, onCall: OnCall): Stores {
  return {
    prompts: watched(stores.prompts, onCall),
    sources: watched(stores.sources, onCall),
    sets: watched(stores.sets, onCall),
    reads: watched(stores.reads, onCall),
  }
}

function watched<T extends object>(store: T, onCall: OnCall): T {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        await onCall()
        const answer: unknown = await Reflect.apply(method, target, args)
        await onCall()
        return answer
      }
    },
  })
}
