/** Stores counted reads again and again. */
export interface ReadsTimer {
  /** Ends the timer, and stores the last counts. Never rejects. */
  stop(): Promise<void>
}

export interface ReadsTimerOptions {
  /** Stores the counts so far. */
  readonly store: () => Promise<void>
  readonly everyMs: number
  /** Receives the first of several failures in a row. */
  readonly onFailure: (error: unknown) => void
}

/** The timer does not keep the process alive. At most one `store` runs at a time. */
export function startReadsTimer({ store, everyMs, onFailure }: ReadsTimerOptions): ReadsTimer {
  let running: Promise<void> | undefined
  let fails = false
  const once = async () => {
    try {
      await store()
      fails = false
    } catch (error) {
      if (!fails) onFailure(error)
      fails = true
    }
  }
  const tick = () => {
    running ??= once().finally(() => {
      running = undefined
    })
  }
  const timer = setInterval(tick, everyMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
      await once()
    },
  }
}
