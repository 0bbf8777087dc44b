import { RegistryError } from './errors.ts'
import { firstNames } from './first-names.ts'
import { READS_DAYS } from './reads.ts'
import type { ReadsAnswer } from './registry-api.ts'

/** Who read a prompt in the last days. */
export interface PromptUse {
  /** At least 1. */
  readonly reads: number
  /** The most reads first. */
  readonly applications: readonly string[]
}

const MOST_APPLICATIONS = 5
const MOST_PROMPTS = 5
const MOST_DETAILS = 20

/** From the reads of these days; `null` if there are none. */
export function useIn({ reads, readers }: Pick<ReadsAnswer, 'reads' | 'readers'>): PromptUse | null {
  return reads === 0 ? null : { reads, applications: [...new Set(readers.map((one) => one.application))] }
}

/** A clause, such as `was read 12 times in the last 7 days, by triage-agent`. */
export function useClause({ reads, applications }: PromptUse): string {
  const times = reads === 1 ? 'once' : `${reads} times`
  return `was read ${times} in the last ${READS_DAYS.inUse} days, by ${firstNames(applications, MOST_APPLICATIONS)}`
}

/** For the details of errors and findings. */
export function useDetails({ reads, applications }: PromptUse): Readonly<Record<string, unknown>> {
  return { reads, applications: applications.slice(0, MOST_DETAILS) }
}

/** Refuses to delete the prompts of a source that somebody reads. `used` has at least one, by id. */
export function sourceInUse(source: string, used: ReadonlyMap<string, PromptUse>): RegistryError {
  const [verb, them] = used.size === 1 ? ['prompt is', 'it'] : ['prompts are', 'them']
  const first = [...used].slice(0, MOST_PROMPTS)
  const clauses = first.map(([id, use]) => `"${id}" ${useClause(use)}`)
  if (used.size > first.length) clauses.push(`and ${used.size - first.length} more`)
  return new RegistryError(
    'in_use',
    `${used.size} ${verb} in use, so the source "${source}" is not deleted: ${clauses.join('; ')}. To delete ${them} all the same, set "confirm" (promptctl: --confirm).`,
    { details: { source, prompts: first.map(([prompt_id, use]) => ({ prompt_id, ...useDetails(use) })) } },
  )
}
