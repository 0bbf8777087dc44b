/** Random choices that a seed repeats. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** At least 0, below `below`. */
  int(below: number): number
  /** One of them; there must be one. */
  one<T>(of: readonly T[]): T
  /** Some of them, in a random order. */
  some<T>(of: readonly T[], most: number): T[]
}

/** The generator mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[int(of.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
  const some = <T>(of: readonly T[], most: number): T[] => {
    const left = [...of]
    return Array.from({ length: Math.min(most, left.length) }, () => left.splice(int(left.length), 1)).flat()
  }
  return { next, chance: (probability) => next() < probability, int, one, some }
}
