/**
 * The first fault that cases of each kind must notice: enough to see in `npm test` that they can fail. The long
 * suite has all faults.
 */
export function firstOfEachKind<T extends { readonly caught: string }>(
  faults: readonly T[],
  kinds: readonly (readonly { readonly name: string }[])[],
): readonly T[] {
  return kinds.flatMap((cases) => {
    const names = new Set(cases.map(({ name }) => name))
    return faults.find(({ caught }) => names.has(caught)) ?? []
  })
}
