/** Runs the work when a slot is free, and returns its result. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** A semaphore: at most `most` run at once, the others wait in order. */
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
