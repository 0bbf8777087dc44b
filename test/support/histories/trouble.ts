import { RegistryError } from '../../../api/contract/errors.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { type GitSnapshot, type GitSource, SourceError } from '../../../controller/source/git-source.ts'
import { intercept } from '../planned-journey.ts'

/**
 * A fault at one of a pass's calls to the registry or the repository: the process dies, the call fails once, or
 * the world changes meanwhile.
 */
export interface Trouble {
  readonly what: 'kill' | 'failure' | 'meanwhile'
  /** The first call with this name, or the n-th call, from 0. */
  readonly at: CallName | number
  /** Whether the call took effect before the fault. */
  readonly after: boolean
}

export type CallName = 'listRefs' | 'open' | 'lease' | 'recordSource' | 'batch'

/** The dependencies of a pass. */
export interface Surroundings {
  readonly api: RegistryApi
  readonly git: GitSource
}

/** The same registry and repository, with faults injected. `goOn` runs the changes of the world meanwhile. */
export function withTrouble(
  { api, git }: Surroundings,
  { what, at, after }: Trouble,
  noteStrike: (call: string) => void,
  goOn: () => Promise<void>,
): Surroundings {
  const calls: string[] = []
  let dead = false
  const isNow = (name: string) => {
    calls.push(name)
    return typeof at === 'number'
      ? calls.length === at + 1
      : name === at && calls.indexOf(name) === calls.length - 1
  }
  const guarded = async <T>(name: string, call: () => Promise<T>, failure: Error): Promise<T> => {
    if (dead) throw new Error('the process is gone')
    if (!isNow(name)) return await call()
    noteStrike(name)
    if (!after) await strike(failure)
    const answer = await call()
    if (after) await strike(failure)
    return answer
  }
  const strike = async (failure: Error) => {
    if (what === 'meanwhile') return await goOn()
    dead = what === 'kill'
    throw failure
  }
  return {
    api: intercept(api, (name, call) =>
      guarded(name, call, new RegistryError('unavailable', 'Come back later.')),
    ),
    git: {
      listRefs: (signal) => guarded('listRefs', () => git.listRefs(signal), cutShort()),
      open: async (listing, signal) => {
        let opened: GitSnapshot | undefined
        const open = async () => {
          opened = await git.open(listing, signal)
          return opened
        }
        // A dead process holds no lease.
        const close = async (error: unknown) => {
          await opened?.close()
          throw error
        }
        const snapshot = await guarded('open', open, cutShort()).catch(close)
        return troubledView(snapshot, (name, call) => guarded(name, call, cutShort()))
      },
    },
  }
}

function troubledView(
  snapshot: GitSnapshot,
  guarded: <T>(name: string, call: () => Promise<T>) => Promise<T>,
): GitSnapshot {
  return {
    ...snapshot,
    tree: (commit, scope) => guarded('tree', () => snapshot.tree(commit, scope)),
    reachable: (commits, tips) => guarded('reachable', () => snapshot.reachable(commits, tips)),
    async *blobs(oids, maxBytes) {
      await guarded('blobs', async () => {})
      yield* snapshot.blobs(oids, maxBytes)
    },
  }
}

function cutShort(): SourceError {
  return new SourceError('unreachable', 'The listing was cut short; it is asked for again.')
}
