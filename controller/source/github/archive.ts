import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'

/**
 * Reads the content of each file and link of a commit, up to `mostBytes` long, from its archive. Names do not
 * matter, because content is identified by its hash. Throws after `inAll` bytes of files.
 */
export async function* archiveContents(
  api: GitHubApi,
  commit: Oid,
  mostBytes: number,
  inAll: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const leaving = new AbortController()
  const body = await api.archive(commit, AbortSignal.any([signal, leaving.signal]))
  const tar = extract()
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
  const unpacking = pipeline(source, createGunzip(), tar, { signal: leaving.signal })
  // The loop below throws its errors too.
  unpacking.catch(() => {})
  let rest = inAll
  try {
    for await (const entry of tar) {
      const { type, size = 0, linkname } = entry.header
      rest -= size
      if (rest < 0) throw new Error(`The archive has more than ${inAll} bytes.`)
      const content = type === 'file' && size <= mostBytes ? await whole(entry) : undefined
      if (content) yield content
      else entry.resume()
      if (type === 'symlink') yield Buffer.from(linkname ?? '')
    }
  } finally {
    leaving.abort()
    await unpacking.catch(() => {})
  }
}

async function whole(entry: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
