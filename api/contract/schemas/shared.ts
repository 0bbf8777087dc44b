import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { FORMATS } from '../reading/format.ts'
import { READS_DAYS } from '../reads.ts'

// Fields and documents that several subjects share.

export const nonEmpty = z.string().min(1)
export const note = z.string().max(2000)
export const oid = z.string().max(64)
export const short = z.string().max(1024)
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')

export const promptIdField = nonEmpty.meta({
  description: 'Prompt id, such as `support/triage`.',
  example: 'support/triage',
})
export const movedTo = z.string().nullable().meta({
  description:
    'Of an archived prompt: the id under which its source has it now. null if it did not move, or if the caller may not see that prompt.',
})
export const versionField = nonEmpty.meta({ description: 'A label or an alias.', example: '1.3.0' })
export const timestamp = z
  .string()
  .meta({ description: 'ISO 8601, UTC.', example: '2026-01-31T12:00:00.000Z' })
export const revision = z.int().meta({ description: 'Counts the events of a prompt.' })
export const applied = z.boolean().meta({ description: 'false: nothing changed, so nothing was written.' })
export const identity = z.string().meta({
  description:
    'Identifies the version by its content. 64 hex digits: the SHA-256 of its file, unless the layout adds metadata.',
})
export const fileSha256 = z
  .string()
  .nullable()
  .meta({ description: 'SHA-256 of the file, as `sha256sum` prints it; null for a version without a file.' })
export const format = z.enum(FORMATS).meta({ description: 'How the file is read.' })
export const json = z.json().meta({ id: 'Json', description: 'Any JSON value.' })
export const sourceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'A source name has 1 to 64 letters, digits, ".", "_" or "-".')

export const dryRun = z
  .boolean()
  .optional()
  .meta({ description: 'true: dry run. Return the result without changing anything.' })

export const asSource = {
  override: z
    .boolean()
    .optional()
    .meta({ description: 'Admin only: write to a prompt that a source owns. Freezes the prompt.' }),
  lease_token: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'The token of the lease held for the source.' }),
}

/** Of a request that takes a prompt away from its readers. */
export function confirmsUse(done: 'retired' | 'deleted') {
  return z
    .boolean()
    .optional()
    .meta({
      description: `Without it, a prompt that was read in the last ${READS_DAYS.inUse} days is not ${done}.`,
    })
}

export const tagList = z.array(z.string().min(1).max(LIMITS.tagCharacters)).max(LIMITS.tags)

export const ErrorBody = z
  .object({
    error: z.string().meta({ description: 'What happened, then what to do.' }),
    code: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' })

const limit = z.coerce.number().int().min(1).max(LIMITS.page).default(LIMITS.defaultPage)
const cursor = z.string().min(1).max(1024).optional()
export const PageQuery = z.object({ limit, cursor })

export const HealthAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
