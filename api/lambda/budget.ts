import type { Budget } from '../store/budget.ts'

/** Agents wait for these and have other tiers: they are answered within two seconds, whatever AWS does. */
const RESOLVES: readonly string[] = ['resolvePrompt', 'resolvePrompts', 'health']
/** These return partial results when their time is over, or may be repeated and go on. */
const BATCHES: readonly string[] = ['runBatch', 'lookUpPrompts', 'recordSource', 'forgetSource']
const RESOLVE_MS = 1_800
const BATCH_MS = 25_000
/** One write may adopt a prompt of many versions. */
const OTHER_MS = 5_000
/** Before the function is killed: enough to answer, and to log. */
const MARGIN_MS = 1_000

/** The time limit of an operation if the function is killed in `remainingMs`. */
export function budgetMs(operation: string, remainingMs: number): number {
  const withinFunction = Math.max(remainingMs - MARGIN_MS, remainingMs / 2)
  return Math.min(limitOf(operation), withinFunction)
}

function limitOf(operation: string): number {
  if (RESOLVES.includes(operation)) return RESOLVE_MS
  return BATCHES.includes(operation) ? BATCH_MS : OTHER_MS
}

/** Runs a function with a time limit. Nothing that belongs to it continues after its end. */
export async function withBudget<T>(totalMs: number, run: (budget: Budget) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), totalMs)
  try {
    return await run({ signal: controller.signal, totalMs })
  } finally {
    clearTimeout(timer)
  }
}
