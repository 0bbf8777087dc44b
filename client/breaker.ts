/** Milliseconds for which a tier that is down is not asked. */
const OPEN_MS = 1000
/** `Retry-After` counts up to here. */
const LONGEST_OPEN_MS = 30_000

export type CircuitState = 'closed' | 'open' | 'half_open'

/** `answered`: the tier is up, whatever it answered. `down`: it is not. `unknown`: the call was cancelled. */
export type Leave = (end: 'answered' | 'down' | 'unknown', retryAfterMs?: number) => void

/** Keeps calls from a tier that is down: one call a second asks it, until it answers. */
export interface Breaker {
  readonly state: CircuitState
  /** `undefined` if the tier must not be asked now; else what to call at the end. */
  enter(): Leave | undefined
}

export interface BreakerOptions {
  readonly clock: () => number
  readonly onChange: (state: 'open' | 'closed') => void
}

export function createBreaker({ clock, onChange }: BreakerOptions): Breaker {
  let openUntil: number | undefined
  let probing = false

  const leave: Leave = (end, retryAfterMs = 0) => {
    const wasOpen = openUntil !== undefined
    if (end === 'answered') openUntil = undefined
    if (end === 'down') openUntil = clock() + Math.max(OPEN_MS, Math.min(retryAfterMs, LONGEST_OPEN_MS))
    const isOpen = openUntil !== undefined
    if (wasOpen !== isOpen) onChange(isOpen ? 'open' : 'closed')
  }
  const leaveProbe: Leave = (end, retryAfterMs) => {
    probing = false
    leave(end, retryAfterMs)
  }

  return {
    get state() {
      if (openUntil === undefined) return 'closed'
      return clock() < openUntil ? 'open' : 'half_open'
    },
    enter() {
      if (openUntil === undefined) return leave
      if (probing || clock() < openUntil) return undefined
      probing = true
      return leaveProbe
    },
  }
}
