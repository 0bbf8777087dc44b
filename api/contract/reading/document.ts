import { LIMITS } from '../limits.ts'
import type { Json } from '../version.ts'
import { isJsonArray } from './json-object.ts'
import { elementMessages, listedMessages, type PromptMessage } from './messages.ts'
import { parseDocument } from './parse-document.ts'
import { configOf, type FrontMatter, promptFields } from './prompt-fields.ts'
import type { Mapping } from './yaml-mapping.ts'

/** A file that is YAML, JSON or TOML from start to end, with messages or a template among its keys. */
export interface PromptDocument extends FrontMatter {
  readonly messages: readonly PromptMessage[] | null
  /** The text of a document without messages. */
  readonly template: string | null
  /** What could not be read, with the next step; the rest was. */
  readonly problem: string | null
}

/** The keys with the text of a prompt, in the order in which they are tried. */
const TEXT_KEYS = ['messages', 'chat', 'template', 'prompt'] as const

/** The sentence for a document without a text. */
const NO_TEXT = 'no messages and no template'

/** Reads a document, or returns why it is not one. */
export function readDocument(text: string): PromptDocument | { readonly flaw: string } {
  const mapping = parseDocument(text)
  if ('flaw' in mapping) return mapping
  const found = textIn(mapping)
  if (found === undefined) return { flaw: NO_TEXT }
  const beside = new Set([found.key])
  const size = Buffer.byteLength(JSON.stringify(configOf(mapping.entries, beside)))
  const isTooLarge = size > LIMITS.configBytes
  const fields = promptFields(mapping, isTooLarge ? new Set(mapping.entries.keys()) : beside)
  if ('code' in fields) return { flaw: fields.message.replaceAll('front matter', 'document') }
  const problem = isTooLarge
    ? `The other keys have ${size} bytes as JSON, so they are not read as config; at most ${LIMITS.configBytes} are. Shorten them.`
    : null
  return { ...fields, ...found.text, problem: found.text.problem ?? problem }
}

/** The fields of a document without its text; `undefined` if the text is not a document. */
export function documentFields(text: string): FrontMatter | undefined {
  const document = readDocument(text)
  if ('flaw' in document) return undefined
  const { messages: _messages, template: _template, problem: _problem, ...fields } = document
  return fields
}

type DocumentText = Pick<PromptDocument, 'messages' | 'template' | 'problem'>

function textIn({ entries }: Mapping): { readonly key: string; readonly text: DocumentText } | undefined {
  for (const key of TEXT_KEYS) {
    const value = entries.get(key)?.value
    const text = value === undefined ? undefined : textOf(value)
    if (text !== undefined) return { key, text }
  }
  return undefined
}

function textOf(value: Json): DocumentText | undefined {
  if (isJsonArray(value) && value.length > 0) {
    const messages = listedMessages(value)
    return 'problem' in messages
      ? { messages: null, template: null, problem: messages.problem }
      : { messages, template: null, problem: null }
  }
  if (typeof value !== 'string' || value === '') return undefined
  const messages = elementMessages(value)
  return { messages, template: messages === null ? value : null, problem: null }
}
