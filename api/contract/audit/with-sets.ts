import { RegistryError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { RegistryApi, SetMovesAnswer } from '../registry-api.ts'
import type { AuditRow } from './audit-row.ts'

type AuditedMove = Pick<SetMovesAnswer['moves'][number], 'set' | 'moved_at'>

/** Older registries have no sets. */
const NO_SETS: readonly string[] = ['route_not_found', 'not_found', 'method_not_allowed', 'no_set']

/** Adds the sets to rows: one request per source, for its newest moves. */
export async function withSets(
  rows: readonly AuditRow[],
  api: Pick<RegistryApi, 'setMoves'>,
): Promise<readonly AuditRow[]> {
  const sources = new Set(rows.flatMap(({ source }) => source ?? []))
  const moves = new Map<string | null, readonly AuditedMove[]>()
  for (const source of sources) moves.set(source, await movesOf(source, api))
  return rows.map((row) => ({ ...row, set: firstSet(row, moves.get(row.source) ?? []) }))
}

/** The first set of the source since the version began to serve, if it served then. `moves`: newest first. */
export function firstSet(
  { served_from, served_until }: AuditRow,
  moves: readonly AuditedMove[],
): string | null {
  const first = moves.findLast(
    ({ set, moved_at }) => set !== null && served_from !== null && moved_at >= served_from,
  )
  return first === undefined || (served_until !== null && first.moved_at >= served_until) ? null : first.set
}

async function movesOf(source: string, api: Pick<RegistryApi, 'setMoves'>): Promise<readonly AuditedMove[]> {
  try {
    return (await api.setMoves(source, { limit: LIMITS.page })).moves
  } catch (error) {
    if (error instanceof RegistryError && NO_SETS.includes(error.code)) return []
    throw error
  }
}
