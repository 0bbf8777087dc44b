import { z } from 'zod'
import { promptIdField } from '../../contract/schemas.ts'

/** Path parameters of every route on one prompt. */
export const onPrompt = z.object({ id: promptIdField })

export const onReference = z.object({
  ref: z.string().min(1).meta({
    description: 'A reference: `id`, `id@pin` or `id_v1.3.0`. An id may come raw or percent-encoded.',
    example: 'support/triage@1.3.0',
  }),
})

export const onSource = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a source name has 1 to 64 letters, digits, ".", "_" or "-"')
    .meta({ description: 'Name of a source.', example: 'support' }),
})

/** A pin from a query, in which an unescaped `+` arrives as a space. */
export function pin(text: string | undefined): { readonly pin?: string } {
  return text === undefined ? {} : { pin: text.replaceAll(' ', '+') }
}
