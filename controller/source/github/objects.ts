import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import { parse } from './answers.ts'
import type { GitHubApi } from './api.ts'

export const oidSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

/** Only object names may get into a query or a path. */
export function checkOid(oid: Oid): Oid {
  if (oidSchema.safeParse(oid).success) return oid
  throw sourceError('object_missing', 'This is not the name of a git object.')
}

/** The object name (hash) of content, to verify responses. */
export function oidOf(type: 'blob' | 'tree' | 'tag', bytes: Uint8Array, like: Oid): Oid {
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`${type} ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
}

/** Queries `fields` of many objects at once, in the order of `oids`. Missing objects are `null`. */
export async function queryObjects<T>(
  api: GitHubApi,
  operation: string,
  oids: readonly Oid[],
  fields: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
  mostBytes?: number,
): Promise<(T | null)[]> {
  if (oids.length === 0) return []
  const aliases = oids.map((oid, index) => `o${index}: object(oid: "${checkOid(oid)}") { ${fields} }`)
  const answer = await api.query(operation, aliases.join(' '), z.record(z.string(), z.unknown()), {
    signal,
    mostBytes,
  })
  return parse(
    z.array(schema.nullable()),
    oids.map((_, index) => answer[`o${index}`]),
  )
}

export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
