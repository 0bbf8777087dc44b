import { z } from 'zod'
import { INPUT_TYPES } from '../reading/inputs.ts'
import { TEMPLATE_LANGUAGES } from '../reading/template-language.ts'
import { json } from './shared.ts'

/** Parts that a resolve can add to a prompt. */
export const INCLUDES = ['messages', 'file'] as const

export const templateLanguage = z
  .enum(TEMPLATE_LANGUAGES)
  .nullable()
  .meta({ description: 'How placeholders are written; null if unknown.' })

export const PromptInput = z
  .object({
    name: z.string(),
    type: z.enum(INPUT_TYPES),
    required: z.boolean(),
    default: json.optional(),
    description: z.string().optional(),
    enum: z.array(json).optional().meta({ description: 'The allowed values.' }),
    items: z.enum(INPUT_TYPES).optional().meta({ description: 'The type of the items of an array.' }),
    schema: json.optional().meta({ description: 'JSON Schema, if it says more than the other fields.' }),
    sample: json.optional().meta({ description: 'An example value.' }),
    declared: z.literal(false).optional().meta({ description: 'false: the text uses it undeclared.' }),
  })
  .meta({ id: 'PromptInput', description: 'A value that a prompt needs.' })

export const PromptMessage = z.object({ role: z.string(), content: z.string().optional() }).meta({
  id: 'PromptMessage',
  description:
    'A message with its placeholders. `history`, without content, is the place of earlier messages.',
})

const include = z.enum(INCLUDES, 'expected messages or file')

/** Names with commas between them, in a query. */
export const includeQuery = z
  .string()
  .refine((names) => names.split(',').every((name) => include.safeParse(name).success), {
    message: 'expected messages, file, or both with a comma between them',
  })
  .meta({
    description: '`messages` adds `messages`, `template` and `reading_problem`; `file` adds the whole file.',
    example: 'messages,file',
  })

export const includeList = z
  .array(include)
  .max(INCLUDES.length)
  .meta({ description: 'What to add to each prompt.' })
