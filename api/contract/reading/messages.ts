import type { Json } from '../version.ts'
import type { Format } from './format.ts'
import { isJsonArray, isJsonObject, type JsonObject } from './json-object.ts'
import { linesOf, lineText } from './lines.ts'
import type { TemplateLanguage } from './template-language.ts'
import { handlebarsTags, percentTags, type TemplateTag } from './template-tags.ts'

/** A message of a prompt, with its placeholders. `history` is the place of earlier messages. */
export type PromptMessage =
  | { readonly role: string; readonly content: string }
  | { readonly role: 'history'; readonly content?: undefined }

/** Messages, `null` for a single text, or why they cannot be told apart. */
export type MessagesReading = readonly PromptMessage[] | null | { readonly problem: string }

/** The place at which a message begins. */
interface Marker {
  readonly role: string
  readonly start: number
  /** Offset after the marker. */
  readonly end: number
}

/**
 * The messages in the content of a file: from `{{role "system"}}` in dotprompt, from `system:` lines in Prompty. White
 * space around a message is not part of it.
 */
export function contentMessages(
  content: string,
  format: Format,
  language: TemplateLanguage | null,
): MessagesReading {
  if (format === 'dotprompt') return fromMarkers(content, roleTags(content), 'user')
  if (format === 'prompty') return fromMarkers(content, roleLines(content, language), 'system')
  return null
}

function fromMarkers(content: string, markers: Iterable<Marker | Problem>, first: string): MessagesReading {
  const messages: PromptMessage[] = []
  let role = first
  let from = 0
  let hasMarker = false
  const add = (end: number) => {
    const text = content.slice(from, end).trim()
    if (text !== '') messages.push({ role, content: text })
  }
  for (const marker of markers) {
    if ('problem' in marker) return marker
    hasMarker = true
    add(marker.start)
    from = marker.end
    role = marker.role
    if (role === 'history') {
      messages.push({ role: 'history' })
      // In dotprompt, text after the history is the model's.
      role = 'model'
    }
  }
  if (!hasMarker) return null
  add(content.length)
  return messages
}

interface Problem {
  readonly problem: string
}

const ROLE = /^role\s+(?:"([^"]*)"|'([^']*)')$/

function* roleTags(content: string): Generator<Marker | Problem> {
  for (const { start, end, inner, depth } of handlebarsTags(content)) {
    const [, double, single] = ROLE.exec(inner) ?? []
    const role = inner === 'history' ? 'history' : (double ?? single)
    if (role === undefined && !/^role\s/.test(inner)) continue
    if (role === undefined)
      yield problemAt(content, start, 'The role is not written out. Write {{role "user"}}.')
    else if (depth > 0)
      yield problemAt(content, start, 'A role begins inside a block. Begin messages outside of blocks.')
    else yield { role, start, end }
  }
}

const ROLE_LINE = /^#?\s*(system|user|assistant|developer|function|tool|model)(?:\s*\[[^\]]*\])?\s*:$/i
const LONGEST_ROLE_LINE = 200

function* roleLines(content: string, language: TemplateLanguage | null): Generator<Marker | Problem> {
  const tags = (language === 'handlebars' ? handlebarsTags(content) : percentTags(content))[Symbol.iterator]()
  let next: TemplateTag | undefined = tags.next().value
  for (const line of linesOf(content)) {
    if (line.end - line.start > LONGEST_ROLE_LINE) continue
    const [, role] = ROLE_LINE.exec(lineText(content, line).trim()) ?? []
    if (role === undefined) continue
    while (next !== undefined && next.end <= line.start) next = tags.next().value
    const depth = next === undefined ? 0 : depthBefore(next)
    if (depth > 0)
      yield problemAt(content, line.start, 'A role begins inside a block. Begin messages outside of blocks.')
    else yield { role: role.toLowerCase(), start: line.start, end: line.next }
  }
}

/** A closing tag is still inside of its block. */
function depthBefore({ inner, depth }: TemplateTag): number {
  return inner.startsWith('/') || inner.startsWith('end') ? depth + 1 : depth
}

function problemAt(text: string, offset: number, message: string): Problem {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return { problem: `Line ${line} of the content: ${message}` }
}

/** The messages in a list of a document. */
export function listedMessages(list: readonly Json[]): readonly PromptMessage[] | Problem {
  const messages: PromptMessage[] = []
  for (const [index, item] of list.entries()) {
    const message = listedMessage(item)
    if (typeof message === 'string') return { problem: `Message ${index + 1} ${message}` }
    messages.push(message)
  }
  return messages
}

/** `{ role, content }`, `[role, content]` or `{ system: content }`; or the problem. */
function listedMessage(item: Json): PromptMessage | string {
  if (isJsonArray(item)) return asMessage(item[0], item[1])
  if (!isJsonObject(item)) return 'has no role. Write `role` and `content`.'
  if (item.type === 'placeholder' || item.role === 'placeholder' || item.role === 'history')
    return { role: 'history' }
  if (item.role !== undefined) return asMessage(item.role, item.content ?? item.text)
  const [[role, content] = [], ...others] = Object.entries(item)
  return others.length === 0 ? asMessage(role, content) : 'has no role. Write `role` and `content`.'
}

function asMessage(role: Json | undefined, content: Json | undefined): PromptMessage | string {
  if (typeof role !== 'string' || role === '') return 'has no role. Write `role` and `content`.'
  if (role === 'placeholder') return { role: 'history' }
  const text = textOf(content)
  return text === undefined
    ? 'has content that is not text. Write `content` as text.'
    : { role, content: text }
}

/** Text, or the parts of text that chat APIs take. */
function textOf(content: Json | undefined): string | undefined {
  if (typeof content === 'string') return content
  if (!isJsonArray(content)) return undefined
  const parts = content.map((part) => (isJsonObject(part) ? part.text : part))
  return parts.every((part) => typeof part === 'string') ? parts.join('\n') : undefined
}

/** The `<message role="…">` elements that a template consists of; `null` if it has anything else. */
export function elementMessages(template: string): readonly PromptMessage[] | null {
  const messages: PromptMessage[] = []
  for (let at = 0; ; ) {
    const start = template.indexOf('<message', at)
    const between = template.slice(at, start === -1 ? undefined : start)
    if (between.trim() !== '') return null
    if (start === -1) return messages.length === 0 ? null : messages
    const open = template.indexOf('>', start)
    const close = open === -1 ? -1 : template.indexOf('</message>', open)
    const role = close === -1 ? undefined : roleAttribute(template.slice(start, open))
    if (role === undefined) return null
    messages.push({ role, content: withoutEntities(template.slice(open + 1, close).trim()) })
    at = close + '</message>'.length
  }
}

function roleAttribute(tag: string): string | undefined {
  const [, double, single] = /^<message\s+role=(?:"([^"<]+)"|'([^'<]+)')\s*$/.exec(tag) ?? []
  return double ?? single
}

const ENTITIES: JsonObject = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function withoutEntities(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_entity, name: string) => String(ENTITIES[name]))
}
