/** Runs the work as soon as it is its turn, and gives what it comes to. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Lets at most so many work at once; the others wait, first come, first served. */
export function createTurns(most: number): InTurn {
  const waiting: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
