import type { SqliteStore, StoreWrites } from '../../../api/store/sqlite/index.ts'
import type { CallThread } from './thread-calls.ts'

/** The writes of a store, as calls between threads: each has its arguments as one list. */
export type WriteCalls = {
  readonly [Name in keyof StoreWrites]: (
    given: Parameters<StoreWrites[Name]>,
  ) => ReturnType<StoreWrites[Name]>
}

/** In the thread that writes. */
export function offeredWrites({
  prompts,
  sources,
  sets,
}: Pick<SqliteStore, 'prompts' | 'sources' | 'sets'>): WriteCalls {
  return {
    commit: (given) => prompts.commit(...given),
    purge: (given) => prompts.purge(...given),
    replace: (given) => sources.replace(...given),
    move: (given) => sets.move(...given),
    put: (given) => sets.put(...given),
    putProof: (given) => sets.putProof(...given),
    keep: (given) => sets.keep(...given),
    remove: (given) => sets.remove(...given),
  }
}

/** In all other threads. */
export function remoteWrites(call: CallThread<WriteCalls>): StoreWrites {
  return {
    commit: (...given) => call('commit', given),
    purge: (...given) => call('purge', given),
    replace: (...given) => call('replace', given),
    move: (...given) => call('move', given),
    put: (...given) => call('put', given),
    putProof: (...given) => call('putProof', given),
    keep: (...given) => call('keep', given),
    remove: (...given) => call('remove', given),
  }
}
