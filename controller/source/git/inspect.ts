import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import type { ObjectInfo } from './batch-parser.ts'
import type { GitCommand } from './command.ts'

/** Type and size of the objects in the cache, without reading content. Missing objects are left out. */
export async function inspect(
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
