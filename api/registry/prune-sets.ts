import { RegistryError } from '../contract/errors.ts'
import type { SetPointer, StoredSet } from '../store/set-records.ts'
import type { OperationContext } from './operation-context.ts'
import { allStored } from './stored-sets.ts'

const KEPT_SETS = 50
const KEPT_MS = 30 * 24 * 60 * 60 * 1000
/** Bounds the time of a request. The next day removes the rest. */
const REMOVED_AT_ONCE = 50

/** Removes old sets of a source with the first move of each day. A failure is reported, and the next day tries again. */
export async function pruneSets(
  context: OperationContext,
  before: SetPointer | undefined,
  after: SetPointer,
): Promise<void> {
  if (before === undefined || dayOf(before) === dayOf(after)) return
  const { source } = after.move
  try {
    const stored = await allStored(context, source)
    for (const set of removable(stored, after).slice(0, REMOVED_AT_ONCE)) await context.sets.remove(set)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    context.failed(source, error)
  }
}

/** The sets that are neither kept, nor current, nor among the 50 used last, nor used in the last 30 days. */
export function removable(stored: readonly StoredSet[], { move }: SetPointer): readonly StoredSet[] {
  const oldest = Date.parse(move.movedAt) - KEPT_MS
  return [...stored]
    .sort((a, b) => b.usedAt - a.usedAt)
    .slice(KEPT_SETS)
    .filter(({ digest, kept, usedAt }) => !kept && digest !== move.set && usedAt < oldest)
}

function dayOf({ move }: SetPointer): string {
  return move.movedAt.slice(0, 'YYYY-MM-DD'.length)
}
