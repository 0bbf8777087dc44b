import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { STATUSES } from '../version.ts'
import { Hold } from './lifecycle.ts'
import { movedTo, PageQuery, revision, sourceName, timestamp } from './shared.ts'

export const SET_BY = ['source', 'person', 'rollback', 'revocation', 'seed'] as const
const setBy = z.enum(SET_BY).nullable()

export const PromptRow = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    stable_release: z.string().nullable().meta({ description: 'The highest release of the stable version.' }),
    stable_released_at: timestamp
      .nullable()
      .meta({ description: 'When the stable version was first released; null if unknown.' }),
    stable_identity: z.string().nullable(),
    stable_payload_sha256: z
      .string()
      .nullable()
      .meta({ description: 'Hash of the payload: content, variables and config.' }),
    stable_by: setBy.meta({ description: 'Who made it stable.' }),
    latest: z.string().nullable(),
    latest_status: z.enum(STATUSES).nullable(),
    latest_identity: z.string().nullable(),
    latest_by: setBy.meta({ description: 'Who made it the latest.' }),
    highest_release: z.string().nullable(),
    highest_identity: z.string().nullable().meta({ description: 'The version of the highest release.' }),
    rolled_back: z
      .array(z.object({ version: z.string(), payload_sha256: z.string() }))
      .meta({ description: 'Versions that were rolled back and not promoted since.' }),
    source: z.string().nullable(),
    hold: Hold.nullable(),
    archived: z.boolean().meta({ description: 'true: the source no longer has it.' }),
    moved_to: movedTo,
    deleted: z.boolean().meta({ description: 'true: deleted with its source; reads return `gone`.' }),
    retired: z
      .string()
      .nullable()
      .meta({ description: 'The release that removed the prompt. Nothing is stable since then.' }),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    revision,
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
  })
  .meta({
    id: 'PromptRow',
    description: 'Description and tags are those of the latest version, else of the stable one.',
  })

export const SummaryRow = PromptRow.pick({
  prompt_id: true,
  stable: true,
  stable_release: true,
  stable_released_at: true,
  stable_by: true,
  latest: true,
  latest_status: true,
  highest_release: true,
  source: true,
  hold: true,
  archived: true,
  retired: true,
  description: true,
  tags: true,
  updated_at: true,
}).meta({ id: 'SummaryRow', description: 'The fields of a prompt that people search and count by.' })

const listOf = <R extends z.ZodType>(row: R) =>
  z.object({
    prompts: z.array(row),
    next_cursor: z.string().nullable(),
    unreadable: z
      .array(z.object({ row: z.string(), problem: z.string() }))
      .optional()
      .meta({ description: 'Rows of another writer that cannot be read.' }),
    unadopted: z
      .boolean()
      .optional()
      .meta({ description: 'true: seeded prompts outside the catalog may exist.' }),
  })

export const ListAnswer = listOf(PromptRow).meta({ id: 'ListAnswer' })
export const SummariesAnswer = listOf(SummaryRow).meta({ id: 'SummariesAnswer' })

export const ListQuery = PageQuery.extend({
  prefix: z.string().max(LIMITS.promptIdCharacters).optional(),
  source: sourceName.optional(),
  status: z
    .enum(STATUSES)
    .optional()
    .meta({ description: 'Prompts whose stable or latest version has this status.' }),
})
