import { RegistryError } from '../api/contract/errors.ts'
import { promptIdKey } from '../api/contract/prompt-id.ts'
import { FORMATS } from '../api/contract/reading/format.ts'
import { templateLanguageOf } from '../api/contract/reading/own-language.ts'
import { TEMPLATE_LANGUAGES } from '../api/contract/reading/template-language.ts'
import { STATUSES } from '../api/contract/status.ts'
import type { Json } from '../api/contract/version.ts'
import type { Found, Question } from './tier.ts'
import { TransportError } from './transport/transport.ts'

/** SHA-256 of a text's UTF-8 bytes in lower-case hex digits. */
export type Sha256 = (text: string) => string | Promise<string>

const NO_TAGS: readonly string[] = Object.freeze([])

type DocumentFields = Readonly<Record<string, unknown>>

/**
 * The prompt in a registry's answer. It is believed only if it is well-formed, is the prompt that was asked for and,
 * if it has a hash, the hash is right. Throws `bad_answer`, and `revoked` if the answer has that status. Everything
 * in the prompt is frozen. A promise only if `sha256` returns one.
 */
export function believe(document: unknown, question: Question, sha256: Sha256): Found | Promise<Found> {
  if (!isFields(document)) throw badAnswer('The registry answered with something that is not a prompt')
  const text = firstText(document.content, document.text, document.prompt_text, document.body)
  if (text === undefined) throw badAnswer('The registry answered without a prompt text')
  const { prompt_id: id = question.parsed.id, content_sha256: hash = null } = document
  if (typeof id !== 'string' || !isNamed(id, question))
    throw badAnswer(`The registry answered with another prompt than "${question.parsed.id}"`)
  const checked = (actual: string | null) => {
    if (hash === actual) return foundIn(document, { text, id, question })
    throw badAnswer(
      `The registry answered "${question.reference}" with a text that does not match its SHA-256`,
    )
  }
  const actual = hash === null ? null : sha256(text)
  return actual instanceof Promise ? actual.then(checked) : checked(actual)
}

function foundIn(
  document: DocumentFields,
  { text, id, question }: { readonly text: string; readonly id: string; readonly question: Question },
): Found {
  const status = STATUSES.find((known) => known === document.status) ?? null
  if (status === 'revoked')
    throw new RegistryError(
      'revoked',
      `The version that "${question.reference}" names is revoked; use another one.`,
    )
  return Object.freeze({
    text,
    promptId: id,
    version: stringOrNull(document.version),
    release: stringOrNull(document.release),
    status,
    description: stringOrNull(document.description),
    tags: Array.isArray(document.tags) ? frozen(document.tags.map(String)) : NO_TAGS,
    variables: frozen((document.variables ?? null) as Json),
    config: frozen((document.config ?? null) as Json),
    ...meaningOf(document),
    immutable: document.immutable === true,
    source: stringOrNull(document.source),
    settling: document.settling === true,
    archived: document.archived === true,
    movedTo: stringOrNull(document.moved_to),
  })
}

function isNamed(id: string, { parsed, reference }: Question): boolean {
  return id === parsed.id || [parsed.id, reference].map(promptIdKey).includes(promptIdKey(id))
}

/** Older registries have other names for `content`. No registry holds an empty text. */
function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** An older registry does not give the language, which its file may name. */
function meaningOf(document: DocumentFields): Pick<Found, 'format' | 'templateLanguage' | 'inputs'> {
  const { template_language: word, config = null, inputs } = document
  const format = FORMATS.find((known) => known === document.format) ?? null
  const language =
    word === undefined && format !== null
      ? templateLanguageOf({ format, config: config as Json })
      : (TEMPLATE_LANGUAGES.find((known) => known === word) ?? null)
  return { format, templateLanguage: language, inputs: Array.isArray(inputs) ? frozen(inputs) : null }
}

/** The value, with everything in it frozen. It must be JSON. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

export function isFields(value: unknown): value is DocumentFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badAnswer(what: string): TransportError {
  return new TransportError('bad_answer', `${what}; is this the address of a prompt registry?`)
}
