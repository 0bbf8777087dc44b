import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import type { ObjectInfo } from './batch-parser.ts'
import type { GitCommand } from './command.ts'
import type { ObjectReader } from './object-reader.ts'

/** Above this, an own process that buffers its output is faster than the reader's, and has to be started. */
const FEW = 200

/** An open repository of the cache. */
export interface CacheAccess {
  readonly git: GitCommand
  readonly directory: string
  readonly reader: ObjectReader
  readonly signal?: AbortSignal | undefined
}

/**
 * Type and size of the objects in the cache, without reading content. Missing objects are left out. Asks the reader
 * about a few.
 */
export async function inspectOpen(
  { git, directory, reader, signal }: CacheAccess,
  oids: readonly Oid[],
): Promise<Map<Oid, ObjectInfo>> {
  if (oids.length > FEW) return await inspect(git, directory, oids, signal)
  const infos = await Promise.all(oids.map(async (oid) => [oid, await reader.info(oid)] as const))
  return new Map(infos.flatMap(([oid, info]) => (info === undefined ? [] : [[oid, info]])))
}

async function inspect(
  git: GitCommand,
  directory: string,
  oids: readonly Oid[],
  signal?: AbortSignal,
): Promise<Map<Oid, ObjectInfo>> {
  const chunks: Buffer[] = []
  await git.run(
    'local',
    'inspect the cache',
    ['--git-dir', directory, 'cat-file', '--batch-check', '--buffer'],
    {
      input: oids.map((oid) => `${oid}\n`).join(''),
      onOutput: (chunk) => chunks.push(chunk),
      signal,
    },
  )
  const found = new Map<Oid, ObjectInfo>()
  for (const line of Buffer.concat(chunks).toString().split('\n')) {
    const [oid = '', type = '', size] = line.split(' ')
    if (size !== undefined) found.set(oid, { type, size: Number(size) })
  }
  return found
}

/** Only object names may reach git's stdin or arguments. */
export function checkOid(oid: Oid): Oid {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return oid
  throw sourceError('object_missing', 'This is not the name of a git object.')
}
