import type { PassReport } from '../pass/pass-report.ts'

const WORDS = [
  'pushed',
  'promoted',
  'named',
  'archived',
  'retired',
  'held',
  'lower',
  'refused',
  'failed',
  'quarantined',
  'missing',
  'replaced',
] as const

/** What a pass counted, without the zeros. */
export function countsText(counts: PassReport['counts']): string {
  return WORDS.flatMap((word) => (counts[word] ? [`${counts[word]} ${word}`] : [])).join(', ')
}
