/** The known name that a misspelt one most likely means; `undefined` if none is near. Pure. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase()
  if (wanted === '') return undefined
  // One mistake in short names, up to three in long ones.
  let least = 1 + Math.min(3, Math.max(1, Math.floor(wanted.length / 3)))
  let found: string | undefined
  for (const one of known) {
    if (Math.abs(one.length - wanted.length) >= least) continue
    const distance = distanceOf(wanted, one.toLowerCase())
    if (distance < least) {
      least = distance
      found = one
    }
  }
  return found
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = nearest(name, known)
  return found === undefined ? '' : ` Did you mean "${found}"?`
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function distanceOf(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const next = [row]
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      )
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) best = Math.min(best, (before[column - 2] ?? 0) + 1)
      next.push(best)
    }
    before = last
    last = next
  }
  return last[b.length] ?? 0
}
