import { RegistryError } from './errors.ts'
import { LIMITS } from './limits.ts'

/** The name of a prompt: 1 to 16 segments joined by `/`, in Unicode's composed form. See `promptIdProblem`. */
export type PromptId = string

/** Words that follow a prompt id in a route. No id may end in one. */
export const ROUTE_WORDS: readonly string[] = [
  'versions',
  'diff',
  'promote',
  'aliases',
  'rollback',
  'revoke',
  'hold',
  'owner',
  'events',
]

const PICTOGRAPH = '\\p{Extended_Pictographic}\\uFE0F?\\p{Emoji_Modifier}?'
/** Emoji with the invisible characters that belong to them: joined ones, flags, keycaps. */
const EMOJI = new RegExp(
  [
    '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{1,6}\\u{E007F}',
    `${PICTOGRAPH}(?:\\u200D${PICTOGRAPH})*`,
    '\\p{Regional_Indicator}{2}',
    '[0-9]\\uFE0F?\\u20E3',
    '\\p{Emoji_Modifier}',
  ].join('|'),
  'gu',
)
/** Takes the place of emoji when the other characters are checked. */
const ANY_EMOJI = '\u{1F600}'
const REFUSED = /[^\p{L}\p{M}\p{N}\u{1F600}._\-()[\]+,=&' ]|\p{Default_Ignorable_Code_Point}/u
const REFUSED_FIRST = /^[^\p{L}\p{N}\u{1F600}_.([]/u
const INVISIBLE = '[\\p{Default_Ignorable_Code_Point}\\p{C}\\p{Zl}\\p{Zp}]|(?! )\\p{Zs}'
const REFUSED_RUN = "[^\\p{L}\\p{M}\\p{N}._\\-()[\\]+,=&' ]+"
const READS_AS_PIN = /_v\d+(\.\d+)*$/
/** Windows reserves these names, whatever follows the first dot. The superscripts are digits to it. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu

/** Explains why `text` cannot be a prompt id, and what to write instead; `undefined` if it can. */
export function promptIdProblem(text: string): string | undefined {
  const problem = problemOf(text)
  if (problem === undefined) return undefined
  const { what, otherwise } = problem
  const better = otherwise === undefined ? suggestionFor(text) : undefined
  return `${what}; ${better === undefined ? (otherwise ?? 'choose another name') : `write "${better}"`}.`
}

/** `otherwise`: what to do if no other id can be suggested. */
interface IdProblem {
  readonly what: string
  readonly otherwise?: string
}

function problemOf(text: string): IdProblem | undefined {
  if (text === '') return { what: 'A prompt id must not be empty', otherwise: 'write one such as "triage"' }
  const segments = text.split('/')
  if (isPlain(text, segments)) return undefined
  return sizeProblem(text, segments) ?? firstSegmentProblem(text, segments) ?? wholeProblem(text, segments)
}

/** Small letters, digits and `-`, as most ids have. Only a reserved word can be wrong with them. */
const PLAIN = /^[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9-]*)*$/

/** Spares most ids the checks of Unicode: 0.25 µs instead of 3. */
function isPlain(text: string, segments: readonly string[]): boolean {
  return (
    text.length <= LIMITS.promptIdSegmentBytes &&
    segments.length <= LIMITS.promptIdSegments &&
    PLAIN.test(text) &&
    !segments.some((segment) => DEVICE.test(segment)) &&
    !ROUTE_WORDS.includes(segments.at(-1) ?? '')
  )
}

function sizeProblem(text: string, segments: readonly string[]): IdProblem | undefined {
  const over = (unit: string, count: number, most: number) =>
    count <= most
      ? undefined
      : {
          what: `A prompt id has at most ${most} ${unit}, and this one has ${count}`,
          otherwise: 'shorten it',
        }
  return (
    over('characters', text.length, LIMITS.promptIdCharacters) ??
    over('bytes', bytesOf(text), LIMITS.promptIdBytes) ??
    over('segments', segments.length, LIMITS.promptIdSegments)
  )
}

function firstSegmentProblem(id: string, segments: readonly string[]): IdProblem | undefined {
  for (const segment of segments) {
    const what = segmentProblem(segment)
    if (what !== undefined)
      return typeof what === 'string' ? { what: `The prompt id "${shown(id)}" ${what}` } : what
  }
  return undefined
}

/** The end of a sentence about the whole id. */
function segmentProblem(segment: string): string | IdProblem | undefined {
  if (segment === '') return 'has an empty segment'
  if (segment === '.' || segment === '..')
    return `has the segment "${segment}", which is a path and not a name`
  const size = bytesOf(segment)
  if (size > LIMITS.promptIdSegmentBytes) {
    const what = `A segment of a prompt id has at most ${LIMITS.promptIdSegmentBytes} bytes, and "${shown(segment.slice(0, 20))}…" has ${size}`
    return { what, otherwise: 'shorten it' }
  }
  const bare = segment.replace(EMOJI, ANY_EMOJI)
  const refused = REFUSED.exec(bare)?.[0]
  if (refused !== undefined) return `has ${named(refused)}, which no prompt id may have`
  if (bare !== bare.trim() || bare.includes('  '))
    return 'has a space at the edge of a segment, or two in a row'
  const first = REFUSED_FIRST.exec(bare)?.[0]
  if (first !== undefined) return `has a segment that begins with ${named(first)}`
  if (bare.endsWith('.')) return 'has a segment that ends with "."'
  if (DEVICE.test(bare)) return `has the segment "${segment}", which Windows reserves for a device`
  return mixedScripts(bare)
}

/** Letters of Latin that look like Cyrillic or Greek ones make two ids look the same. */
function mixedScripts(segment: string): IdProblem | undefined {
  for (const [run] of segment.matchAll(/[\p{L}\p{M}]+/gu)) {
    const foreign = /[\p{Script=Cyrillic}\p{Script=Greek}]/u.exec(run)?.[0]
    if (foreign === undefined || !/\p{Script=Latin}/u.test(run)) continue
    const script = /\p{Script=Greek}/u.test(foreign) ? 'Greek' : 'Cyrillic'
    return {
      what: `"${run}" mixes Latin letters with the ${script} letter "${foreign}" (${codePoint(foreign)})`,
      otherwise: 'type the word in one script, or put "-" between the two',
    }
  }
  return undefined
}

function wholeProblem(id: string, segments: readonly string[]): IdProblem | undefined {
  if (id !== id.normalize('NFC'))
    return { what: `The prompt id "${shown(id)}" is not in Unicode's composed form (NFC)` }
  const plain = id.normalize('NFKC')
  const last = (segments.at(-1) ?? '').normalize('NFKC')
  if (ROUTE_WORDS.includes(last))
    return { what: `The prompt id "${id}" ends in "${last}", which is a word of the API's routes` }
  if (READS_AS_PIN.test(plain)) return { what: `The prompt id "${id}" ends like a version pin ("_v1.2")` }
  return undefined
}

/** A similar id that is valid; `undefined` if none is found. */
function suggestionFor(text: string): string | undefined {
  const better = text
    .normalize('NFC')
    .split('/')
    .filter((segment) => !['', '.', '..'].includes(segment.trim()))
    .map(betterSegment)
    .join('/')
    .replace(/_(?=v\d+(\.\d+)*$)/, '-')
  return better !== '' && problemOf(better) === undefined ? better : undefined
}

function betterSegment(segment: string, index: number, all: readonly string[]): string {
  const spaced = replaceOutsideEmoji(segment, INVISIBLE, (one) => (/\p{Zs}/u.test(one) ? ' ' : ''))
  const clean = replaceOutsideEmoji(spaced, REFUSED_RUN, () => '-')
    .replace(/ +/g, ' ')
    .replace(/^[ \-+,=&')\]]+|[ .-]+$/g, '')
  const isWord = index === all.length - 1 && ROUTE_WORDS.includes(clean.normalize('NFKC'))
  return isWord || DEVICE.test(clean) ? clean.replace(/^[^.]*/, (name) => `${name.trim()}-prompt`) : clean
}

function replaceOutsideEmoji(text: string, pattern: string, by: (found: string) => string): string {
  const either = new RegExp(`${EMOJI.source}|(?<found>${pattern})`, 'gu')
  return text.replace(either, (all, found?: string) => (found === undefined ? all : by(found)))
}

/** A character in quotes, or the code point of one that cannot be seen. */
function named(character: string): string {
  const visible = shown(character)
  return visible === character ? `"${character}"` : `the invisible character ${codePoint(character)}`
}

function shown(text: string): string {
  return replaceOutsideEmoji(text, INVISIBLE, (one) => `⟨${codePoint(one)}⟩`)
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Throws `invalid_prompt_id`. */
export function parsePromptId(text: string): PromptId {
  const problem = promptIdProblem(text)
  if (problem !== undefined) throw new RegistryError('invalid_prompt_id', problem)
  return text
}

/**
 * Ids with the same key differ only by case or by compatible forms of their characters, such as `ﬁ` and `fi`, and only
 * one of them can exist. Unicode calls the key NFKC_Casefold.
 */
export function promptIdKey(id: PromptId): string {
  if (/^[ -~]*$/.test(id)) return id.toLowerCase()
  const folded = id.normalize('NFKC').replace(IGNORABLE, '').toUpperCase().toLowerCase()
  return folded.replaceAll('ς', 'σ').normalize('NFKC')
}
