import type { PromptRow, SummaryRow } from './registry-api.ts'

export type ServingState =
  | 'released'
  | 'no release'
  | 'retired'
  | 'frozen'
  | 'rolled back'
  | 'after a revocation'
  | 'by hand'

/** How the stable version came to serve. */
export function servingState({ stable, stable_by, retired, hold, source }: SummaryRow): ServingState {
  if (stable === null) return retired === null ? 'no release' : 'retired'
  if (stable_by === 'rollback') return 'rolled back'
  if (stable_by === 'revocation') return 'after a revocation'
  if (stable_by === 'person' && source !== null) return 'by hand'
  return hold?.kind === 'until_lifted' ? 'frozen' : 'released'
}

/** Whether the stable version is not that of the highest release, although the prompt is in service. */
export function isOffRelease(row: SummaryRow & Partial<Pick<PromptRow, 'deleted'>>): boolean {
  const { deleted = false, retired, stable_release, highest_release } = row
  return !deleted && retired === null && highest_release !== null && stable_release !== highest_release
}
