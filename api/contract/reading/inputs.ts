import type { Json } from '../version.ts'

export const INPUT_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'any'] as const
export type InputType = (typeof INPUT_TYPES)[number]

/** A value that a prompt needs. One form for every way in which files declare inputs. */
export interface PromptInput {
  readonly name: string
  readonly type: InputType
  /** False if the file makes it optional or has a default. */
  readonly required: boolean
  readonly default?: Json
  readonly description?: string
  /** The values that are allowed. */
  readonly enum?: readonly Json[]
  /** The type of an array's items. */
  readonly items?: InputType
  /** JSON Schema, if it says more than the other fields. */
  readonly schema?: Json
  /** An example value. */
  readonly sample?: Json
  /** Set if the text uses the input without declaring it. */
  readonly declared?: false
}
