import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { json, nonEmpty, PageQuery } from './shared.ts'

export const FINDING_SUBJECTS = ['file', 'tag', 'prompt', 'directory', 'repository', 'row', 'source'] as const
export const Finding = z
  .strictObject({
    code: nonEmpty.max(64),
    subject: z.strictObject({ kind: z.enum(FINDING_SUBJECTS), name: z.string().max(LIMITS.findingSubject) }),
    message: z.string().max(LIMITS.findingMessage).meta({ description: 'What happened, then what to do.' }),
    cause: z
      .string()
      .max(LIMITS.findingMessage)
      .nullable()
      .optional()
      .meta({ description: 'The output of another program, on one line, without secrets.' }),
    first_seen: z.string().max(64),
    details: z.record(z.string(), json).nullable().optional(),
  })
  .meta({ id: 'Finding', description: 'Lasts as long as its cause.' })

export const FindingsQuery = PageQuery.extend({ code: z.string().max(64).optional() })
export const FindingsAnswer = z
  .object({ name: z.string(), findings: z.array(Finding), next_cursor: z.string().nullable() })
  .meta({ id: 'FindingsAnswer' })
