import type { Budget } from '../store/budget.ts'

/** Agents wait for these and have other tiers: they are answered within two seconds, whatever AWS does. */
const RESOLVES: readonly string[] = ['resolvePrompt', 'resolvePrompts', 'health']
/** These return partial results, so one call that hangs does not end them. */
const BATCHES: readonly string[] = ['runBatch', 'lookUpPrompts']
/** No answer of AWS for this long ends a request. A legal write may take many calls, but none of them this long. */
const STALL_MS = 1_800
const TOTAL_MS = 25_000
/** Before the function is killed: enough to answer, and to log. */
const MARGIN_MS = 1_000

export interface Limits {
  /** Of the whole request. */
  readonly totalMs: number
  /** Without any answer of AWS. */
  readonly stallMs: number
}

/** The time limits of an operation if the function is killed in `remainingMs`. */
export function limitsOf(operation: string, remainingMs: number): Limits {
  const withinFunction = Math.max(remainingMs - MARGIN_MS, remainingMs / 2)
  const totalMs = Math.min(RESOLVES.includes(operation) ? STALL_MS : TOTAL_MS, withinFunction)
  return { totalMs, stallMs: BATCHES.includes(operation) ? totalMs : Math.min(STALL_MS, totalMs) }
}

/** Runs a function with time limits. Nothing that belongs to it continues after its end. */
export async function withBudget<T>(limits: Limits, run: (budget: Budget) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const end = () => controller.abort()
  const timer = setTimeout(end, limits.totalMs)
  let stalled = setTimeout(end, limits.stallMs)
  let isOver = false
  const progress = () => {
    if (isOver) return
    clearTimeout(stalled)
    stalled = setTimeout(end, limits.stallMs)
  }
  try {
    // Half, so that a call that hangs can be made again.
    return await run({ signal: controller.signal, callMs: limits.stallMs / 2, progress })
  } finally {
    isOver = true
    clearTimeout(timer)
    clearTimeout(stalled)
  }
}
