import { idsOf } from './one-spelling.ts'

/** Enough prompts to fill requests to the registry. With all that a plan needs of them they take some 5 MB. */
const SLICE = 1000

/**
 * Divides ids of prompts into slices, those of prompts on the branch first, sorted. Ids that differ only in spelling are
 * in one slice. If all fit into one slice, there is only one. Pure.
 */
export function* slicesOf(
  onBranch: Iterable<string>,
  others: Iterable<string>,
  most = SLICE,
): Generator<string[], void, undefined> {
  const branchIds = [...onBranch]
  const onBranchAs = idsOf(branchIds)
  const known = new Set(branchIds)
  const elsewhere = Map.groupBy(others, (id) => known.has(onBranchAs(id)))
  const first = groups([...branchIds, ...(elsewhere.get(true) ?? [])], onBranchAs)
  const rest = elsewhere.get(false) ?? []
  const last = groups(rest, idsOf(rest))
  if (branchIds.length + rest.length <= most) return yield [...first, ...last].flat()
  yield* joined(first, most)
  yield* joined(last, most)
}

/** The ids of each prompt, sorted by its name. */
function groups(ids: readonly string[], nameOf: (id: string) => string): string[][] {
  const byName = Map.groupBy(ids, nameOf)
  return [...byName.keys()].sort().map((name) => byName.get(name) ?? [])
}

function* joined(all: readonly (readonly string[])[], most: number): Generator<string[], void, undefined> {
  let slice: string[] = []
  for (const ids of all) {
    if (slice.length > 0 && slice.length + ids.length > most) {
      yield slice
      slice = []
    }
    slice.push(...ids)
  }
  if (slice.length > 0) yield slice
}
