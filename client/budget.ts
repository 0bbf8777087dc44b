/**
 * Milliseconds that the next registry tier may take. The tiers that are left share the time evenly, and leave a
 * little for a local file, so that a registry that hangs cannot keep it from being read.
 */
export function tierBudgetMs(
  remainingMs: number,
  { tiersLeft, timeoutMs, hasLocal }: { tiersLeft: number; timeoutMs: number; hasLocal: boolean },
): number {
  const reserved = hasLocal ? localBudgetMs(timeoutMs) : 0
  return Math.max(0, Math.ceil((remainingMs - reserved) / tiersLeft))
}

/** For the local file, even if a stalled process has no time left: reading a file is immediate. */
export function localBudgetMs(timeoutMs: number): number {
  return Math.min(250, timeoutMs / 5)
}
