import type { Tier } from './tier.ts'

/**
 * Milliseconds that the first of `tiers` may take when `remainingMs` of `timeoutMs` are left. Tiers behind a
 * network share the time evenly, and leave a little for a disk that comes after them, so that a registry that
 * hangs cannot keep a local file from being read. That little is granted even when a stalled process has no time
 * left: reading a file is immediate.
 */
export function tierBudgetMs(
  tiers: readonly Pick<Tier, 'waitsFor'>[],
  remainingMs: number,
  timeoutMs: number,
): number {
  const reserve = Math.min(250, timeoutMs / 5)
  if (tiers[0]?.waitsFor !== 'network') return Math.max(remainingMs, reserve)
  const networks = tiers.filter((tier) => tier.waitsFor === 'network').length
  const reserved = tiers.some((tier) => tier.waitsFor === 'disk') ? reserve : 0
  return Math.max(0, Math.ceil((remainingMs - reserved) / networks))
}
