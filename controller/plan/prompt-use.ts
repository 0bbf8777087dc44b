import { READS_DAYS } from '../../api/contract/reads.ts'
import { firstNames } from '../values/first-names.ts'

/** Who read a prompt in the last days. */
export interface PromptUse {
  /** At least 1. */
  readonly reads: number
  /** The most reads first. */
  readonly applications: readonly string[]
}

const MOST_NAMES = 5

/** A clause, such as `was read 12 times in the last 7 days, by triage-agent`. */
export function useClause({ reads, applications }: PromptUse): string {
  const times = reads === 1 ? 'once' : `${reads} times`
  return `was read ${times} in the last ${READS_DAYS.inUse} days, by ${firstNames(applications, MOST_NAMES)}`
}
