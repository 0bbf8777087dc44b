/** A clock that moves only when told, and everything that waits for it. */
export interface VirtualTime {
  now(): number
  pause(ms: number, signal?: AbortSignal): Promise<void>
  /** Advances to the next timer, and runs everything that is due. Returns how far it moved. */
  step(): Promise<number>
  /** Advances by this time, step by step. */
  pass(ms: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export function virtualTime(start = 0): VirtualTime {
  let now = start
  const sleepers = new Set<Sleeper>()
  const next = () => Math.min(...[...sleepers].map(({ at }) => at))
  const goTo = async (at: number) => {
    now = at
    for (const sleeper of [...sleepers]) {
      if (sleeper.at > now) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
    await quiet()
  }
  return {
    now: () => now,
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) reject(signal.reason)
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    async step() {
      await quiet()
      const before = now
      if (sleepers.size === 0) throw new Error('nobody waits')
      await goTo(next())
      return now - before
    },
    async pass(ms) {
      await quiet()
      const end = now + ms
      while (next() <= end) await goTo(next())
      now = end
    },
  }
}

/** Runs all pending tasks that need no time. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
