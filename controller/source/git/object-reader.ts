import { viewClosed } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { batchParser, type ObjectAnswer, type ObjectInfo } from './batch-parser.ts'
import type { GitCommand } from './command.ts'
import { spawnFailure } from './errors.ts'
import { killGroup, spawnGroup } from './process.ts'

export interface GitObject {
  readonly type: string
  readonly bytes: Buffer
}

/**
 * Reads objects of the cache with one `cat-file` for sizes and one for content. Reads may overlap and are answered
 * in order. The size of an object is not limited: check `info` first. Returns `undefined` if the object is not in
 * the cache. Throws `cache_damaged` if git has ended.
 */
export interface ObjectReader {
  info(oid: Oid): Promise<ObjectInfo | undefined>
  read(oid: Oid): Promise<GitObject | undefined>
  close(): Promise<void>
}

export function createObjectReader(git: GitCommand, directory: string): ObjectReader {
  const infos = createBatch(git, directory, '--batch-check')
  const objects = createBatch(git, directory, '--batch')
  return {
    async info(oid) {
      // The content is asked for next. Both processes take a while to start.
      objects.start()
      const found = await infos.ask(oid)
      return found && { type: found.type, size: found.size }
    },
    async read(oid) {
      const found = await objects.ask(oid)
      return found && { type: found.type, bytes: found.bytes }
    },
    close: async () => {
      await Promise.all([infos.close(), objects.close()])
    },
  }
}

interface Batch {
  start(): void
  ask(oid: Oid): Promise<ObjectAnswer | undefined>
  close(): Promise<void>
}

interface WaitingObject {
  resolve(answer: ObjectAnswer | undefined): void
  reject(error: unknown): void
}

/** Starts git at the first call, if `start` has not. */
function createBatch(git: GitCommand, directory: string, flag: '--batch' | '--batch-check'): Batch {
  let running: ReturnType<typeof launch> | undefined
  const waiting: WaitingObject[] = []
  let asked = ''
  let over: Error | undefined
  const end = (error: Error) => {
    over ??= error
    for (const { reject } of waiting.splice(0)) reject(over)
  }

  const launch = () => {
    const child = spawnGroup(['--git-dir', directory, 'cat-file', flag], git.localEnv)
    let errors = ''
    child.stdout.on(
      'data',
      batchParser(flag === '--batch', (answer) => waiting.shift()?.resolve(answer)),
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
        end(git.failure('local', 'read the cache', { code, errors }))
        resolve()
      })
    })
    return { child, closed }
  }

  const taken = () => {
    const all = asked
    asked = ''
    return all
  }

  const started = () => {
    running ??= launch()
    return running
  }
  return {
    start() {
      if (over === undefined) started()
    },
    ask: (oid) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over)
        const { child } = started()
        waiting.push({ resolve, reject })
        // What is asked for at once takes one write: a write each took 3 % of an import.
        if (asked === '') queueMicrotask(() => child.stdin.write(taken()))
        asked += `${oid}\n`
      }),
    async close() {
      end(viewClosed())
      if (running === undefined) return
      killGroup(running.child)
      await running.closed
    },
  }
}
