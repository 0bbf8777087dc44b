/** Scripts whose letters join or stack, so that a joiner changes how the text reads. */
const JOINING = lettersOf(
  'Arabic Syriac Nko Mandaic Manichaean Mongolian Phags_Pa Psalter_Pahlavi Hanifi_Rohingya Sogdian Adlam',
  'Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar Tibetan',
  'Balinese Javanese Sundanese Limbu Lepcha Meetei_Mayek Chakma Grantha Newa Tirhuta Sharada Khojki',
)
/** Scripts that put no spaces between words but may mark possible line breaks. */
const UNSPACED = lettersOf('Khmer Lao Myanmar Thai Tibetan Tai_Le New_Tai_Lue Tai_Tham Javanese Balinese')
const RIGHT_TO_LEFT = lettersOf(
  'Hebrew Arabic Syriac Thaana Nko Samaritan Mandaic Manichaean Adlam Hanifi_Rohingya Sogdian',
)
const LETTER = /^\p{L}$/u
const MARK = /^\p{M}$/u
const HAN = /^\p{Script=Han}$/u
const MONGOLIAN = lettersOf('Mongolian')
const JAMO = /^[\u1100-\u115E\u1161-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]$/
const PICTOGRAPH = /^\p{Extended_Pictographic}$/u
/** The characters that a joiner may follow inside an emoji: a pictograph, skin tone, variation selector or flag. */
const EMOJI_PART = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\uFE0F|\u{E007F})$/u
/** Characters that have variants: emoji, symbols, ideographs, kana, and letters of a few scripts. */
const VARIED =
  /^[[\p{Emoji}\p{S}\p{N}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Mong}\p{scx=Mymr}\p{scx=Phag}\p{scx=Mani}\uFF00-\uFFEF]--[\p{ASCII}--[#*0-9]]]$/v
const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u

/** The maximum distance between a direction mark and a right-to-left letter on its line, in UTF-16 units. */
const NEAR = 16

/** Whether the text needs the invisible character at this index. */
export function isNeeded(text: string, index: number, character: string): boolean {
  const before = characterBefore(text, index)
  const after = characterAt(text, index + character.length)
  if (character === '\u200D' && EMOJI_PART.test(before) && PICTOGRAPH.test(after)) return true
  // Repeated invisible characters add nothing to read, but can encode a hidden message.
  if (IGNORABLE.test(before)) return false
  return (
    isNeededBetween(before, after, character) ||
    (isDirectionMark(character) && isNearRightToLeft(text, index))
  )
}

function isNeededBetween(before: string, after: string, character: string): boolean {
  const isBeside = (letters: RegExp) => letters.test(before) || letters.test(after)
  switch (character) {
    case '\uFEFF':
      return before === ''
    case '\u00AD':
      return LETTER.test(before) && LETTER.test(after)
    case '\u034F':
      return MARK.test(before)
    case '\u115F':
    case '\u1160':
      return isBeside(JAMO)
    case '\u200B':
      return isBeside(UNSPACED)
    case '\u200C':
    case '\u200D':
      return isBeside(JOINING)
  }
  if (character >= '\u180B' && character <= '\u180F') return isBeside(MONGOLIAN)
  if (character >= '\uFE00' && character <= '\uFE0F') return VARIED.test(before)
  return isSupplementaryVariant(character) && HAN.test(before)
}

function isSupplementaryVariant(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0
  return codePoint >= 0xe0100 && codePoint <= 0xe01ef
}

function isDirectionMark(character: string): boolean {
  return character === '\u061C' || character === '\u200E' || character === '\u200F'
}

function isNearRightToLeft(text: string, index: number): boolean {
  const left = text.slice(Math.max(0, index - NEAR), index)
  const right = text.slice(index + 1, index + 1 + NEAR)
  return [left.slice(left.lastIndexOf('\n') + 1), right.split('\n', 1)[0] ?? ''].some((words) =>
    Array.from(words).some((character) => RIGHT_TO_LEFT.test(character)),
  )
}

/** Matches letters, marks and digits of the given scripts. */
function lettersOf(...scripts: readonly string[]): RegExp {
  const names = scripts.flatMap((some) => some.split(' '))
  const union = names.map((name) => `\\p{Script_Extensions=${name}}`).join('')
  return new RegExp(`^[[${union}]&&[\\p{L}\\p{M}\\p{N}]]$`, 'v')
}

function characterAt(text: string, index: number): string {
  const codePoint = text.codePointAt(index)
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint)
}

function characterBefore(text: string, index: number): string {
  if (index === 0) return ''
  const pair = index > 1 ? characterAt(text, index - 2) : ''
  return pair.length === 2 ? pair : text.charAt(index - 1)
}
