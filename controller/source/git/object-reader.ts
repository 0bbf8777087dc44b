import { type Oid, SourceError } from '../git-source.ts'
import type { GitCommand } from './command.ts'
import { killGroup, spawnGroup } from './process.ts'

export interface GitObject {
  readonly type: string
  readonly bytes: Buffer
}

/** Objects of the cache through one `cat-file --batch`. Reads may overlap; they are answered in order. */
export interface ObjectReader {
  /** undefined when the object is not in the cache. Throws `failed` when git ended, so the cache is damaged. */
  read(oid: Oid): Promise<GitObject | undefined>
  close(): Promise<void>
}

interface Waiting {
  resolve(object: GitObject | undefined): void
  reject(error: unknown): void
}

export function createObjectReader(git: GitCommand, directory: string): ObjectReader {
  const child = spawnGroup(['--git-dir', directory, 'cat-file', '--batch'], git.localEnv)
  const waiting: Waiting[] = []
  let errors = ''
  let over: Error | undefined

  const end = (error: Error) => {
    over ??= error
    for (const { reject } of waiting.splice(0)) reject(over)
  }
  const parse = batchParser((object) => waiting.shift()?.resolve(object))
  child.stdout.on('data', parse)
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4096)
  })
  // A broken pipe is followed by `close`, which knows more.
  child.stdin.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end(new SourceError('git_missing', 'Git could not be started: see the cause.', { cause: error }))
      resolve()
    })
    child.once('close', (code) => {
      end(git.failure('local', 'read its cache', { code, errors }))
      resolve()
    })
  })

  return {
    read: (oid) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over)
        waiting.push({ resolve, reject })
        child.stdin.write(`${oid}\n`)
      }),
    async close() {
      end(new SourceError('failed', 'The view of the repository is closed.'))
      killGroup(child)
      await closed
    },
  }
}

/** Cuts the output of `cat-file --batch` into objects, whatever the chunks are. */
function batchParser(emit: (object: GitObject | undefined) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let have = 0
  let header: { type: string; size: number } | undefined

  return (chunk) => {
    chunks.push(chunk)
    have += chunk.length
    // An object is joined once it is complete, so that a large one is not copied at every chunk.
    if (header && have <= header.size) return
    let buffer = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    for (;;) {
      if (!header) {
        const lineEnd = buffer.indexOf(10)
        if (lineEnd < 0) break
        const [, type = '', size] = buffer.toString('latin1', 0, lineEnd).split(' ')
        buffer = buffer.subarray(lineEnd + 1)
        if (size === undefined) emit(undefined)
        else header = { type, size: Number(size) }
      } else {
        // A line break follows the content.
        if (buffer.length <= header.size) break
        // Copied, so that a small object does not keep a large chunk alive.
        emit({ type: header.type, bytes: Buffer.from(buffer.subarray(0, header.size)) })
        buffer = buffer.subarray(header.size + 1)
        header = undefined
      }
    }
    chunks = buffer.length > 0 ? [buffer] : []
    have = buffer.length
  }
}
