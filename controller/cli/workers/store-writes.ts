import type { SqliteStore, StoreWrites } from '../../../api/store/sqlite/index.ts'
import type { CallThread } from './thread-calls.ts'

/** The writes of a store, as calls between threads: each has its arguments as one list. */
export type WriteCalls = {
  readonly [Name in keyof StoreWrites]: (
    given: Parameters<StoreWrites[Name]>,
  ) => ReturnType<StoreWrites[Name]>
}

/** In the thread that writes. */
export function offeredWrites({ prompts, sources }: Pick<SqliteStore, 'prompts' | 'sources'>): WriteCalls {
  return {
    commit: (given) => prompts.commit(...given),
    purge: (given) => prompts.purge(...given),
    replace: (given) => sources.replace(...given),
  }
}

/** In all other threads. */
export function remoteWrites(call: CallThread<WriteCalls>): StoreWrites {
  return {
    commit: (...given) => call('commit', given),
    purge: (...given) => call('purge', given),
    replace: (...given) => call('replace', given),
  }
}
