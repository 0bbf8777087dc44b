import { z } from 'zod'
import { clipText } from './clip-text.ts'

const MOST_MESSAGE_BYTES = 1500

/** What holds of a source, as the last look at it told. `Verified` is for sources that require signed tags. */
export const CONDITION_TYPES = ['Ready', 'Fetched', 'Verified', 'Held'] as const

export const Condition = z.object({
  type: z.enum(CONDITION_TYPES),
  status: z.enum(['True', 'False', 'Unknown']),
  /** One word for programs. */
  reason: z.string(),
  /** A sentence for people. */
  message: z.string(),
  /** The commit of the branch that it was observed at. */
  commit: z.string().nullable(),
  /** ISO 8601: since when the status is what it is. */
  since: z.string(),
})
export type Condition = z.output<typeof Condition>

/** What a look at a source found out. */
export type Observation = Omit<Condition, 'since'>

/** The conditions now: what was not looked at stays, and `since` changes only with the status. `at` is ISO 8601. */
export function nextConditions(
  before: readonly Condition[],
  observed: readonly Observation[],
  at: string,
): Condition[] {
  return CONDITION_TYPES.flatMap((type) => {
    const known = before.find((condition) => condition.type === type)
    const news = observed.find((condition) => condition.type === type)
    if (news === undefined) return known === undefined ? [] : [known]
    const since = known?.status === news.status ? known.since : at
    return [{ ...news, message: clipText(news.message, MOST_MESSAGE_BYTES), since }]
  })
}

/** Whether the observations would change what a person sees: a status or its reason. */
export function saysOtherwise(before: readonly Condition[], observed: readonly Observation[]): boolean {
  return observed.some(({ type, status, reason }) => {
    const known = before.find((condition) => condition.type === type)
    return known?.status !== status || known.reason !== reason
  })
}
