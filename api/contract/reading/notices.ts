import type { Notice } from './problem.ts'

/** The maximum number of notices per file. */
const MOST = 20

/** Keeps the first notice for each code and key, in line order. */
export function collectNotices(all: readonly Notice[]): Notice[] {
  const byKind = new Map<string, Notice>()
  for (const notice of all.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))) {
    const kind = JSON.stringify([notice.code, notice.key])
    if (!byKind.has(kind)) byKind.set(kind, notice)
  }
  const kept = [...byKind.values()]
  if (kept.length <= MOST) return kept
  const message = `${kept.length - MOST + 1} more notices are not listed. Fix the listed ones first.`
  return [...kept.slice(0, MOST - 1), { code: 'more_notices', message }]
}
