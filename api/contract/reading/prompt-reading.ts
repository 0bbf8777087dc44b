import type { Json } from '../version.ts'
import type { PromptInput } from './inputs.ts'

/** A message of a prompt, with its placeholders. `history` is the place of earlier messages. */
export type PromptMessage =
  | { readonly role: string; readonly content: string }
  | { readonly role: 'history'; readonly content?: undefined }

/**
 * What a stored prompt means: a pure function of its file and its template language. Once released, a reading may not
 * change for a file that it read.
 */
export interface PromptReading {
  readonly description: string | null
  readonly tags: readonly string[]
  /** The value of `variables`, as in the file. */
  readonly variables: Json | null
  /** The file's other keys; `null` if there are none. */
  readonly config: Json | null
  /** Declared inputs in the order of the file, then those that the text uses undeclared; `null` if there are none. */
  readonly inputs: readonly PromptInput[] | null
  /** `null` if the prompt is a single text. */
  readonly messages: readonly PromptMessage[] | null
  /** The text in a document without messages; `null` if the content itself is the text. */
  readonly template: string | null
  /** Why the file could not be read further, with the next step. Its content is valid all the same. */
  readonly readingProblem: string | null
}
