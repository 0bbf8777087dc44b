import { type Oid, SourceError } from '../git-source.ts'
import type { GitCommand } from './command.ts'

export interface ObjectInfo {
  readonly type: string
  /** In bytes. */
  readonly size: number
}

/** Type and size of those objects that are in the cache; the others are left out. Reads no content. */
export async function inspect(
  git: GitCommand,
  directory: string,
  oids: readonly Oid[],
  signal?: AbortSignal,
): Promise<Map<Oid, ObjectInfo>> {
  const chunks: Buffer[] = []
  await git.run(
    'local',
    'look into the cache',
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

/** Nothing but an object name may reach git's stdin or arguments. */
export function checkOid(oid: Oid): Oid {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return oid
  throw new SourceError('object_missing', 'That is not the name of a git object.')
}
