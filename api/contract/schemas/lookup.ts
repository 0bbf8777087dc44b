import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { STATUSES } from '../version.ts'
import { PromptRow } from './prompts.ts'
import { PromptInput, templateLanguage } from './reading.ts'
import { digest, ErrorBody, format, identity, nonEmpty, promptIdField } from './shared.ts'

export const LookupRequest = z
  .strictObject({
    prompts: z
      .array(
        z.strictObject({
          prompt_id: promptIdField,
          names: z.array(nonEmpty).max(LIMITS.lookupKeys).optional(),
          identities: z.array(digest).max(LIMITS.lookupKeys).optional(),
          contents: z
            .array(digest)
            .max(LIMITS.lookupKeys)
            .optional()
            .meta({ description: 'SHA-256 of contents, to check which are revoked.' }),
        }),
      )
      .min(1)
      .max(LIMITS.batch),
  })
  .meta({ id: 'LookupRequest' })
export const FoundVersion = z
  .object({
    version: z.string(),
    identity,
    status: z.enum(STATUSES),
    waiting: z.array(z.string()),
    reading: z
      .object({ format, template_language: templateLanguage, content_sha256: digest, payload_sha256: digest })
      .nullable()
      .meta({ description: 'How the file of the version was read; null without a file, or if unknown.' }),
  })
  .meta({ id: 'FoundVersion' })
export const LookedUpPrompt = z
  .object({
    prompt_id: z.string(),
    prompt: PromptRow.nullable().meta({ description: 'null: no prompt has this id.' }),
    names: z
      .record(z.string(), FoundVersion)
      .meta({ description: 'Keyed by the requested name. Unknown names are omitted.' }),
    versions: z.array(FoundVersion).meta({ description: 'Versions with one of the requested identities.' }),
    revoked_contents: z.array(z.string()),
    stable_inputs: z
      .array(PromptInput)
      .nullable()
      .meta({ description: 'The inputs that the stable version declares; null if it declares none.' }),
    enforces_inputs: z.boolean().meta({
      description: 'true: a promotion that breaks callers in a smaller step than major is refused.',
    }),
    problem: ErrorBody.nullable().meta({ description: 'Why the lookup of this prompt failed.' }),
  })
  .meta({ id: 'LookedUpPrompt' })
export const LookupAnswer = z
  .object({ prompts: z.array(LookedUpPrompt).meta({ description: 'In the order of the request.' }) })
  .meta({ id: 'LookupAnswer' })
