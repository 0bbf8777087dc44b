import { stringify } from 'yaml'
import { isJsonArray, isJsonObject, type JsonObject } from '../../api/contract/reading/json-object.ts'
import { listedMessages, type PromptMessage } from '../../api/contract/reading/messages.ts'
import type { Json } from '../../api/contract/version.ts'

/** Keys of a hosted prompt that hold its messages. */
const LISTS = ['messages', 'input', 'prompt'] as const
/** Keys that only its host needs. */
const OF_THE_HOST = new Set(['object', 'created_at', 'updated_at', 'is_default', ...LISTS, 'instructions'])

/**
 * An exported prompt of OpenAI as a document with messages, for a file such as `triage.prompt.yml`, or why it cannot
 * be converted. `instructions` become the first message; `variables` and settings stay as they are.
 */
export function convertOpenAiPrompt(
  text: string,
): { readonly document: string } | { readonly problem: string } {
  const prompt = parsed(text)
  if (!isJsonObject(prompt)) return { problem: 'It is not a JSON object. Export the prompt again.' }
  const messages = messagesOf(prompt)
  if ('problem' in messages) return messages
  if (messages.length === 0)
    return {
      problem: 'It has no messages and no instructions. Export the prompt itself, not a reference to it.',
    }
  const settings = Object.entries(prompt).filter(([key, value]) => !OF_THE_HOST.has(key) && value !== null)
  return { document: stringify({ ...Object.fromEntries(settings), messages }, { lineWidth: 0 }) }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function messagesOf(prompt: JsonObject): readonly PromptMessage[] | { readonly problem: string } {
  const { instructions } = prompt
  const first: readonly Json[] =
    typeof instructions === 'string'
      ? [{ role: 'developer', content: instructions }]
      : isJsonArray(instructions)
        ? instructions
        : []
  const list = LISTS.map((key) => prompt[key]).find((value) => value !== undefined && value !== null) ?? []
  const rest: readonly Json[] =
    typeof list === 'string' ? [{ role: 'user', content: list }] : isJsonArray(list) ? list : []
  return listedMessages([...first, ...rest])
}
