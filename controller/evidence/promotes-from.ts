import { z } from 'zod'
import type { UnreadableEvidence } from '../../api/contract/attestation/evidence.ts'
import { parseDuration } from '../values/duration.ts'
import { checked, name, variable } from '../values/fields.ts'
import { globProblem } from '../values/glob.ts'
import type { ServedThere } from './evidence.ts'

/** The environment in which a release must have served before it is promoted here. */
export const PromotesFromSchema = z.strictObject({
  registry: name.describe('Name of the other environment, for messages.'),
  url: z.url({ protocol: /^https?$/ }).describe('Address of its registry.'),
  tokenEnv: variable.optional().describe('Environment variable with a token of its registry that may read.'),
  soak: checked(durationProblem)
    .default('0s')
    .describe('How long each version must have served there, such as 24h.'),
  minReads: z
    .int()
    .min(0)
    .default(0)
    .describe('How often each version must have been read there in the last 90 days.'),
  prompts: z
    .array(checked(globProblem))
    .min(1)
    .default(['**'])
    .describe('Globs of prompt ids whose releases must have served there. Default: all.'),
})

export type PromotesFrom = z.output<typeof PromotesFromSchema>

/** Why the version may not be promoted here yet, as a clause; `null` if it may. */
export function soakProblem(
  there: ServedThere | UnreadableEvidence | undefined,
  { registry, soak, minReads }: PromotesFrom,
): string | null {
  if (there === undefined) return `"${registry}" was not asked about it`
  if ('unreadable' in there) return `"${registry}" cannot be asked about it: ${there.unreadable}`
  const { servedMs, reads, withdrawn } = there
  if (servedMs === null) return `it has not served in "${registry}"`
  if (withdrawn !== null) return `it was taken out of service in "${registry}" (${withdrawn})`
  const missing = [
    ...(servedMs < (parseDuration(soak) ?? 0) ? [`has served for ${inWords(servedMs)} of ${soak}`] : []),
    ...(reads < minReads ? [`was read ${reads} of ${minReads} times`] : []),
  ]
  return missing.length === 0 ? null : `it ${missing.join(' and ')} in "${registry}"`
}

/** Rounded down, so that it never reads as enough. */
function inWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 120) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 72 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

function durationProblem(text: string): string | undefined {
  return parseDuration(text) === undefined ? `"${text}" is not a duration such as 12h or 3d` : undefined
}
