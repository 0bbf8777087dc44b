import type { FindingCounts } from './findings.ts'
import { verdictOf } from './verdict.ts'

const CHANGES = ['pushed', 'promoted', 'named', 'archived', 'retired', 'healed'] as const

/** Counts of changes, then of problems and holds: "2 pushed, 1 promoted, 1 refused". Leaves out zeros. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const changes = CHANGES.flatMap((word) => (counts[word] ? [`${counts[word]} ${word}`] : []))
  const { text: found } = verdictOf(counts as FindingCounts)
  return [...changes, ...(found === '' ? [] : [found])].join(', ')
}
