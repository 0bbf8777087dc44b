import { viewClosed } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { batchParser, type ObjectAnswer, type ObjectInfo, type ObjectQuery } from './batch-parser.ts'
import type { GitCommand } from './command.ts'
import { spawnFailure } from './errors.ts'
import { killGroup, spawnGroup } from './process.ts'

export interface GitObject {
  readonly type: string
  readonly bytes: Buffer
}

/**
 * Reads objects of the cache with one `cat-file`, which starts at the first call. Reads may overlap and are answered
 * in order. The size of an object is not limited: check `info` first. Returns `undefined` if the object is not in
 * the cache. Throws `cache_damaged` if git has ended.
 */
export interface ObjectReader {
  info(oid: Oid): Promise<ObjectInfo | undefined>
  read(oid: Oid): Promise<GitObject | undefined>
  close(): Promise<void>
}

export function createObjectReader(git: GitCommand, directory: string): ObjectReader {
  const batches = new Map<string, Batch>()
  let isClosed = false
  const ask = async (query: ObjectQuery, oid: Oid): Promise<ObjectAnswer | undefined> => {
    if (isClosed) throw viewClosed()
    const flag = flagFor(query, git.traits)
    const batch = batches.get(flag) ?? launch(git, directory, flag)
    batches.set(flag, batch)
    try {
      return await batch.ask(query, oid)
    } catch (error) {
      if (!(error instanceof UnknownFlag)) throw error
      git.traits.hasBatchCommand = false
      return await ask(query, oid)
    }
  }
  return {
    async info(oid) {
      const found = await ask('info', oid)
      return found && { type: found.type, size: found.size }
    },
    async read(oid) {
      const found = await ask('contents', oid)
      return found && { type: found.type, bytes: found.bytes }
    },
    async close() {
      isClosed = true
      await Promise.all([...batches.values()].map((batch) => batch.close()))
    },
  }
}

/** Git before 2.36 needs a process for each kind of query. */
function flagFor(query: ObjectQuery, { hasBatchCommand }: GitCommand['traits']): string {
  if (hasBatchCommand) return '--batch-command'
  return query === 'info' ? '--batch-check' : '--batch'
}

class UnknownFlag extends Error {}

/** How git ends if it does not know an option. */
const USAGE = 129

interface Batch {
  ask(query: ObjectQuery, oid: Oid): Promise<ObjectAnswer | undefined>
  close(): Promise<void>
}

interface WaitingObject {
  readonly query: ObjectQuery
  resolve(answer: ObjectAnswer | undefined): void
  reject(error: unknown): void
}

function launch(git: GitCommand, directory: string, flag: string): Batch {
  const waiting: WaitingObject[] = []
  let asked = ''
  let over: Error | undefined
  const end = (error: Error) => {
    over ??= error
    for (const { reject } of waiting.splice(0)) reject(over)
  }

  const child = spawnGroup(['--git-dir', directory, 'cat-file', flag], git.localEnv)
  let errors = ''
  child.stdout.on(
    'data',
    batchParser(
      () => waiting[0]?.query,
      (answer) => waiting.shift()?.resolve(answer),
    ),
  )
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4096)
  })
  // A broken pipe is followed by `close`, which has more details.
  child.stdin.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end(spawnFailure(error))
      resolve()
    })
    child.once('close', (code) => {
      const isUnknown = code === USAGE && flag === '--batch-command'
      end(isUnknown ? new UnknownFlag() : git.failure('local', 'read the cache', { code, errors }))
      resolve()
    })
  })

  const taken = () => {
    const all = asked
    asked = ''
    return all
  }

  return {
    ask: (query, oid) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over)
        waiting.push({ query, resolve, reject })
        // Questions of one turn take one write: a write each took 3 % of an import.
        if (asked === '') queueMicrotask(() => child.stdin.write(taken()))
        asked += flag === '--batch-command' ? `${query} ${oid}\n` : `${oid}\n`
      }),
    async close() {
      end(viewClosed())
      killGroup(child)
      await closed
    },
  }
}
