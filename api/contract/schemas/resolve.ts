import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { Additions, FolderFile, Sidecars } from './push.ts'
import { includeList, includeQuery, PromptInput, PromptMessage, templateLanguage } from './reading.ts'
import { setField } from './sets.ts'
import { ErrorBody, identity, json, movedTo, nonEmpty, revision } from './shared.ts'
import { versionFields } from './versions.ts'

export const ResolveQuery = z.object({
  version: z.string().optional(),
  mode: z.string().optional(),
  front_matter: z.enum(['true', 'false']).optional().meta({
    description: 'true: the answer has `front_matter`, so that the whole file can be put together.',
  }),
  include: includeQuery.optional(),
})

export const FolderFileQuery = ResolveQuery.pick({ version: true, mode: true }).extend({ set: setField })

export const ResolvedPrompt = z
  .object({
    prompt_id: z.string(),
    ...versionFields,
    content: z.string(),
    content_sha256: z.string(),
    identity,
    template_language: templateLanguage,
    source: z.string().nullable().meta({ description: 'The source that owns the prompt.' }),
    archived: z.boolean().meta({ description: 'true: the source no longer has the prompt.' }),
    moved_to: movedTo,
    variables: json.nullable(),
    inputs: z
      .array(PromptInput)
      .nullable()
      .meta({ description: 'The values that the prompt needs, in one form for every format; null if none.' }),
    config: json.nullable(),
    aliases: z.array(z.string()).meta({ description: 'The newest 20, newest first.' }),
    revision,
    immutable: z.boolean().meta({
      description:
        'true: this reference always answers with the same content. It can still be revoked. false without a pin, and for seeded prompts before their adoption.',
    }),
    set: z.string().optional().meta({
      description: 'The digest of the set that the version was answered from. Absent: from no set.',
    }),
    settling: z.literal(true).optional().meta({
      description:
        'true: the source of the prompt was rolled back, and its prompts do not all serve that set yet, perhaps this one. Only without a set and a pin, in staging and production.',
    }),
    front_matter: z.string().nullable().optional().meta({
      description:
        'If requested: the text before the content in its file, unchanged; null for a version without a file.',
    }),
    messages: z.array(PromptMessage).nullable().optional().meta({
      description: 'If requested: the messages with their roles; null if the prompt is a single text.',
    }),
    template: z.string().nullable().optional().meta({
      description: 'If requested: the text in a document without messages; else null.',
    }),
    file: z.string().nullable().optional().meta({
      description: 'If requested: the whole file, byte for byte; null for a version without a file.',
    }),
    additions: Additions.nullable().optional().meta({
      description: 'With `file`: what the layout adds to it, as part of the identity; null if nothing.',
    }),
    sidecars: Sidecars.nullable().optional().meta({
      description: 'With `file`: the files beside it that belong to the prompt; null if there are none.',
    }),
    files: z.array(FolderFile).nullable().optional().meta({
      description:
        'With `file`: the other files of its skill folder, by path; null if there are none. `GET /prompts/{ref}/files/{path}` returns the text of one.',
    }),
    reading_problem: z.string().nullable().optional().meta({
      description: 'If messages are requested: why the file could not be read further, or null.',
    }),
  })
  .meta({ id: 'ResolvedPrompt' })

const etag = z.string().max(128).meta({ description: 'The `ETag` of `GET /prompts/{ref}`.' })

export const ResolveManyRequest = z
  .strictObject({
    references: z.array(nonEmpty).min(1).max(LIMITS.references),
    mode: z.string().optional(),
    set: setField,
    sets: z.boolean().optional().meta({
      description:
        'false: answer references without a pin from the stable versions, even if their source has a set.',
    }),
    include: includeList.optional(),
    known: z
      .record(z.string(), etag)
      .optional()
      .meta({ description: 'The entity tag of the response that the caller already has, by reference.' }),
  })
  .meta({ id: 'ResolveManyRequest' })
export const ResolveManyAnswer = z
  .object({
    results: z.array(
      z.union([
        z.object({ reference: z.string(), etag, prompt: ResolvedPrompt }),
        z
          .object({ reference: z.string(), etag, unchanged: z.literal(true) })
          .meta({ id: 'UnchangedPrompt', description: 'The response is still the one in `known`.' }),
        ErrorBody.extend({ reference: z.string() }),
      ]),
    ),
  })
  .meta({ id: 'ResolveManyAnswer' })
