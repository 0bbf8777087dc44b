import { isNeeded } from './needed-characters.ts'

/** A character that is invisible or reorders others on screen, and that the text does not need. */
export interface UnsafeCharacter {
  readonly kind: 'bidirectional' | 'invisible' | 'tag'
  /** In UTF-16 units. */
  readonly index: number
  readonly character: string
}

/** Everything that Unicode lets a renderer ignore, and the annotation marks. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu
const BIDIRECTIONAL = /^[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]$/
const TAG = /^[\u{E0000}-\u{E007F}]$/u
/**
 * A country and its region in letters and digits, up to the cancel tag: turns a black flag into that region's
 * flag.
 */
const FLAG = /\u{1F3F4}[\u{E0061}-\u{E007A}]{2}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,4}\u{E007F}/gu

/**
 * Finds the unsafe characters of a string, in order. Safe are joiners in emoji and in scripts that need them,
 * variation selectors after a character that has variants, flags, direction marks near right-to-left letters, and
 * a byte order mark at the start. An invisible character right after an unsafe one is unsafe too.
 *
 * Judges each character by a few neighbours, so the time is proportional to the length.
 */
export function* unsafeCharacters(text: string): Generator<UnsafeCharacter> {
  const flagEnds = new Map(
    Array.from(text.matchAll(FLAG), (flag) => [flag.index + 2, flag.index + flag[0].length]),
  )
  let safeUpTo = 0
  let unsafeEnd = 0
  for (const { 0: character, index } of text.matchAll(INVISIBLE)) {
    safeUpTo = flagEnds.get(index) ?? safeUpTo
    const isFirst = index !== unsafeEnd || index === 0
    if (index < safeUpTo || (isFirst && isNeeded(text, index, character))) continue
    unsafeEnd = index + character.length
    yield { kind: kindOf(character), index, character }
  }
}

function kindOf(character: string): UnsafeCharacter['kind'] {
  if (BIDIRECTIONAL.test(character)) return 'bidirectional'
  return TAG.test(character) ? 'tag' : 'invisible'
}
