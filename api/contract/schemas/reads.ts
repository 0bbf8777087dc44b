import { z } from 'zod'
import { READS_DAYS } from '../reads.ts'
import { STATUSES } from '../version.ts'
import { promptIdField } from './shared.ts'

const day = z.string().meta({ description: 'A day in UTC.', example: '2026-01-31' })
const reads = z.int().meta({ description: 'An estimate if the registry counts a sample.' })

export const ReadsQuery = z.object({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(READS_DAYS.kept)
    .default(READS_DAYS.shown)
    .meta({ description: 'How many days to count, today included.' }),
})
export const ReadsRouteQuery = ReadsQuery.extend({ prompt_id: promptIdField })
export const Reader = z
  .object({
    application: z
      .string()
      .meta({ description: '`unknown`: the clients sent no name. `other`: there were too many names.' }),
    version: z.string(),
    release: z.string().nullable().meta({ description: 'The highest release of the version.' }),
    status: z.enum(STATUSES).nullable().meta({ description: 'null: the version was deleted.' }),
    reads,
    first_day: day,
    last_day: day,
  })
  .meta({ id: 'Reader', description: 'The reads of one version by one application.' })
export const ReadsAnswer = z
  .object({
    prompt_id: z.string(),
    from: day,
    to: day,
    reads,
    readers: z.array(Reader).meta({ description: 'The most reads first.' }),
    days: z.array(z.object({ day, reads })).meta({ description: 'The days with reads, oldest first.' }),
  })
  .meta({ id: 'ReadsAnswer' })
