import { z } from 'zod'
import { promptIdField, SourceDocument } from '../../contract/schemas/index.ts'

/**
 * The schemas of all requests and responses. Loaded on demand, with zod: 140 KB that a function does not need for
 * its first resolve.
 */
export * from '../../contract/schemas/index.ts'

export const onPrompt = z.object({ id: promptIdField })

export const onReference = z.object({
  ref: z.string().min(1).meta({
    description: 'A reference: `id`, `id@pin` or `id_v1.3.0`. An id may be raw or percent-encoded.',
    example: 'support/triage@1.3.0',
  }),
})

export const onFolderFile = onReference.extend({
  path: z.string().min(1).meta({
    description: 'The path of the file from its folder, raw or percent-encoded.',
    example: 'references/style.md',
  }),
})

export const onSource = z.object({ name: SourceDocument.shape.name.meta({ example: 'support' }) })

export const onSet = z.object({
  digest: z
    .string()
    .min(1)
    .meta({ description: 'The digest of a set, 64 hex digits.', example: 'ab'.repeat(32) }),
})

export const OpenApi = z.record(z.string(), z.unknown())
