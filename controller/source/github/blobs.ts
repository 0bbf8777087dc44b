import { z } from 'zod'
import { type Blob, SourceError } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'
import { fromArchive, type GitHubBlobAccess } from './archived-blobs.ts'
import type { Store } from './cache.ts'
import { GitHubFailure, missingBlob, notUnderstood } from './errors.ts'
import { batches, checkOid, oidOf, oidSchema, queryObjects } from './objects.ts'

type Given = Blob | { readonly oid: Oid; readonly tooLarge: number }

const BATCH = 100
const BATCH_BYTES = 256 * 1024
// GraphQL truncates longer content, so it is requested file by file.
const LONG_BYTES = 128 * 1024

/** See `GitSnapshot.blobs`. Sizes are known before content is requested, so a large blob is never fetched. */
export async function* streamBlobs(
  access: GitHubBlobAccess,
  oids: Iterable<Oid>,
  maxBytes: number,
): AsyncGenerator<Given> {
  const { store, track } = access
  const missing: Oid[] = []
  for (const oid of new Set([...oids].map(checkOid))) {
    const bytes = await track(() => keptBlob(store, oid))
    if (bytes === undefined) missing.push(oid)
    else yield bytes.length > maxBytes ? { oid, tooLarge: bytes.length } : { oid, bytes }
  }
  const sizes = await track(() => sizesOf(access, missing))
  for (const [oid, size] of sizes) if (size > maxBytes) yield { oid, tooLarge: size }
  const wanted = new Map([...sizes].filter(([, size]) => size <= maxBytes))
  yield* fromArchive(access, wanted, maxBytes)
  for (const batch of batchesBySize(wanted)) {
    for (const blob of await track(() => fetchTogether(access, batch))) yield blob
  }
}

async function keptBlob(store: Store, oid: Oid): Promise<Uint8Array | undefined> {
  const bytes = await store.bytes(`blob ${oid}`)
  return bytes && oidOf('blob', bytes, oid) === oid ? bytes : undefined
}

const sizeSchema = z.object({ byteSize: z.int().optional() })

async function sizesOf(
  { api, sizes, signal }: GitHubBlobAccess,
  oids: readonly Oid[],
): Promise<Map<Oid, number>> {
  const found = new Map<Oid, number>()
  const unknown: Oid[] = []
  for (const oid of oids) {
    const size = sizes.get(oid)
    if (size === undefined) unknown.push(oid)
    else found.set(oid, size)
  }
  for (const batch of batches(unknown, BATCH)) {
    const fields = '... on Blob { byteSize }'
    const answers = await queryObjects(api, 'SizeBlobs', batch, fields, sizeSchema, signal)
    for (const [index, oid] of batch.entries()) {
      const size = answers[index]?.byteSize
      if (size === undefined) throw missingBlob(oid)
      found.set(oid, size)
    }
  }
  return found
}

function* batchesBySize(wanted: ReadonlyMap<Oid, number>): Generator<Map<Oid, number>> {
  let batch = new Map<Oid, number>()
  let bytes = 0
  for (const [oid, size] of wanted) {
    if (batch.size === BATCH || (batch.size > 0 && bytes + size > BATCH_BYTES)) {
      yield batch
      batch = new Map()
      bytes = 0
    }
    batch.set(oid, size)
    bytes += size
  }
  if (batch.size > 0) yield batch
}

const textSchema = z.object({ isTruncated: z.boolean().optional(), text: z.string().nullish() })

/** Fetches text files with one GraphQL request, and the other or inexact files one by one. */
async function fetchTogether(access: GitHubBlobAccess, batch: ReadonlyMap<Oid, number>): Promise<Blob[]> {
  const { api, store, signal } = access
  const short = [...batch].flatMap(([oid, size]) => (size <= LONG_BYTES ? [oid] : []))
  const fields = '... on Blob { isTruncated text }'
  // If a batch is too large for one response, its files are requested one by one.
  const texts = await queryObjects(api, 'ReadBlobs', short, fields, textSchema, signal).catch(tooMuch)
  const blobs: Blob[] = []
  for (const oid of batch.keys()) {
    const answer = texts[short.indexOf(oid)]
    if (answer === null) throw missingBlob(oid)
    const text = answer?.isTruncated === false ? answer.text : undefined
    const bytes = typeof text === 'string' ? Buffer.from(text) : undefined
    const exact = bytes && oidOf('blob', bytes, oid) === oid ? bytes : await fetchAlone(api, oid, signal)
    await store.setBytes(`blob ${oid}`, exact)
    blobs.push({ oid, bytes: exact })
  }
  return blobs
}

function tooMuch(error: unknown): [] {
  if (error instanceof SourceError && error.code === 'unreachable') return []
  throw error
}

const blobSchema = z.object({ sha: oidSchema, encoding: z.literal('base64'), content: z.string() })

async function fetchAlone(api: GitHubApi, oid: Oid, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const parameters = { file_sha: oid }
    const answer = await api.get('git/blobs/{file_sha}', blobSchema, { parameters, signal })
    const bytes = answer === 'unchanged' ? undefined : Buffer.from(answer.data.content, 'base64')
    if (bytes && oidOf('blob', bytes, oid) === oid) return bytes
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) throw missingBlob(oid)
    throw error
  }
  throw notUnderstood(`other content than ${oid}`)
}
