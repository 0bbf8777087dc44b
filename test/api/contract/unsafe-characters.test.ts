import { describe, expect, it } from 'vitest'
import { unsafeCharacters } from '../../../api/contract/unsafe-characters.ts'
import fc from '../../support/fast-check.ts'

const unsafe = (text: string) => [...unsafeCharacters(text)].map(({ kind, index }) => `${kind} ${index}`)
const tags = (text: string) =>
  Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')
const CANCEL = '\u{E007F}'
const flag = (region: string) => `\u{1F3F4}${tags(region)}${CANCEL}`

describe('a text that needs its invisible characters', () => {
  it.each([
    ['none', 'Be kind.\n\tUse “quotes”, dashes – and no\u00A0break spaces.'],
    ['a byte order mark at the start', '\uFEFF# Title'],
    ['an emoji family', '👨\u200D👩\u200D👧\u200D👦'],
    ['an emoji with a skin tone and a profession', '👩🏽\u200D🔬'],
    ['an emoji with a variant and a joiner', '❤\uFE0F\u200D🔥'],
    ['a person with a gender', '🏃🏿\u200D♀\uFE0F'],
    ['a rainbow flag', '🏳\uFE0F\u200D🌈'],
    ['a pirate flag', '🏴\u200D☠\uFE0F'],
    ['emoji style of symbols', '❤\uFE0F ☎\uFE0F ©\uFE0F ↔\uFE0F ✔\uFE0F'],
    ['text style of symbols', '❤\uFE0E ☎\uFE0E'],
    ['keycaps', '1\uFE0F\u20E3 #\uFE0F\u20E3 *\uFE0F\u20E3'],
    ['country flags', '🇩🇪🇮🇷🇱🇰'],
    ['the flag of Scotland', flag('gbsct')],
    ['the flag of Wales twice', flag('gbwls').repeat(2)],
    ['the flag of Texas', `Go ${flag('ustx')}!`],
    ['Persian', 'می\u200Cخواهم و کتاب\u200Cها'],
    ['Persian after a Latin word', 'ChatGPT\u200Cها'],
    ['Persian with its isolated form of he', 'ه\u200D.'],
    ['Urdu', 'کے\u200Cلیے'],
    ['Kurdish in Arabic letters', 'دە\u200Cکەم'],
    ['Hindi', 'क\u094D\u200Dष श\u094D\u200Cर'],
    ['Marathi', 'र\u094D\u200Dय'],
    ['Bengali', 'র\u200D\u09CDয'],
    ['Nepali', 'गर\u094D\u200Dय\u094Bो'],
    ['Gujarati', 'ક\u0ACD\u200Dષ'],
    ['Tamil', 'க\u0BCD\u200Cஷ'],
    ['Telugu', 'క\u0C4D\u200Cష'],
    ['Kannada', 'ರ\u200D\u0CCDಕ'],
    ['Malayalam', 'ന\u0D4D\u200D'],
    ['Sinhala', 'ශ\u0DCA\u200Dරී ලංකාව'],
    ['Burmese', 'မြန်မာ\u200Bစာ'],
    ['Khmer', 'ភាសា\u200Bខ្មែរ'],
    ['Thai', 'ภาษา\u200Bไทย'],
    ['Lao', 'ພາສາ\u200Bລາວ'],
    ['Mongolian', 'ᠮᠣᠩᠭᠣᠯ\u180Eᠠ ᠤ\u180B'],
    ['Hebrew with a right-to-left mark', 'שלום!\u200F'],
    ['Hebrew with a left-to-right mark after a Latin word', 'C++\u200E ועוד'],
    ['Arabic with an Arabic letter mark', 'السعر \u061C100'],
    ['a direction mark before right-to-left letters', '\u200Fעברית'],
    ['a direction mark within Syriac', 'ܫܠܡܐ\u200F'],
    ['a variant of a Han character', '葛\u{E0100}飾区'],
    ['a variant of a mathematical sign', '∩\uFE00'],
    ['a variant of full-width punctuation', '、\uFE01'],
    ['old Korean', '\u1112\u1160 \u115F\u1161'],
    ['a soft hyphen', 'Donau\u00ADdampf\u00ADschiff'],
    ['a joiner of combining marks', 'a\u0301\u034F\u0302'],
  ])('has %s and nothing unsafe', (_what, text) => {
    expect(unsafe(text)).toEqual([])
  })
})

describe('a text with unsafe characters', () => {
  it.each([
    ['a right-to-left override', 'a\u202Eb', ['bidirectional 1']],
    ['a left-to-right override', 'a\u202Db', ['bidirectional 1']],
    [
      'embeddings and their end',
      '\u202Aa\u202Bb\u202C',
      ['bidirectional 0', 'bidirectional 2', 'bidirectional 4'],
    ],
    [
      'isolates and their end',
      '\u2066a\u2067b\u2068c\u2069',
      ['bidirectional 0', 'bidirectional 2', 'bidirectional 4', 'bidirectional 6'],
    ],
    ['an override among Hebrew letters', 'ש\u202Eל', ['bidirectional 1']],
    ['an isolate among Arabic letters', 'س\u2067ل', ['bidirectional 1']],
    ['a left-to-right mark among Latin letters', 'abc\u200Edef', ['bidirectional 3']],
    ['a right-to-left mark among digits', '1\u200F2', ['bidirectional 1']],
    ['an Arabic letter mark alone', '\u061C', ['bidirectional 0']],
    ['a direction mark on the line below a Hebrew letter', 'ש\n\u200Fa', ['bidirectional 2']],
    ['a direction mark far from a Hebrew letter', `ש${' '.repeat(16)}\u200Fa`, ['bidirectional 17']],
    ['direction marks in a row', 'ש\u200F\u200E\u200F', ['bidirectional 2', 'bidirectional 3']],
    ['a zero-width space', 'ig\u200Bnore', ['invisible 2']],
    ['a zero-width space at the start of a line', 'a\n\u200Bb', ['invisible 2']],
    ['a zero-width non-joiner among Latin letters', 'a\u200Cb', ['invisible 1']],
    ['a zero-width joiner among Latin letters', 'a\u200Db', ['invisible 1']],
    ['a zero-width joiner among Cyrillic letters', 'а\u200Dб', ['invisible 1']],
    ['a zero-width joiner after an emoji', '🙂\u200D.', ['invisible 2']],
    ['a joiner after a variation selector that is none', 'a\uFE0F\u200D🙂', ['invisible 1', 'invisible 2']],
    ['a zero-width joiner before an emoji', 'a\u200D🙂', ['invisible 1']],
    ['joiners in a row after a Persian letter', 'ی\u200C\u200C\u200Dخ', ['invisible 2', 'invisible 3']],
    [
      'a message of joiners',
      'a\u200B\u200C\u200B\u200C',
      ['invisible 1', 'invisible 2', 'invisible 3', 'invisible 4'],
    ],
    ['a word joiner', 'a\u2060b', ['invisible 1']],
    ['a byte order mark within the text', 'a\uFEFFb', ['invisible 1']],
    ['two byte order marks', '\uFEFF\uFEFFb', ['invisible 1']],
    ['an invisible plus', '2\u20643', ['invisible 1']],
    ['an invisible times sign', 'a\u2062b', ['invisible 1']],
    ['a deprecated format control', 'a\u206Ab', ['invisible 1']],
    ['annotation marks', 'a\uFFF9b\uFFFAc\uFFFB', ['invisible 1', 'invisible 3', 'invisible 5']],
    ['a Hangul filler', 'a\u3164b', ['invisible 1']],
    ['a half-width Hangul filler', 'a\uFFA0b', ['invisible 1']],
    ['a Hangul filler among Latin letters', 'a\u115Fb', ['invisible 1']],
    ['a Mongolian vowel separator among Latin letters', 'a\u180Eb', ['invisible 1']],
    ['a Khmer vowel that is never shown', 'ក\u17B4', ['invisible 1']],
    ['a soft hyphen beside a space', 'a \u00ADb', ['invisible 2']],
    ['a grapheme joiner among Latin letters', 'a\u034Fb', ['invisible 1']],
    ['a variation selector after a letter', 'a\uFE0Fb', ['invisible 1']],
    ['a variation selector after a space', ' \uFE00', ['invisible 1']],
    ['a variation selector at the start', '\uFE0Fa', ['invisible 0']],
    [
      'a message of variation selectors after an emoji',
      '🙂\uFE01\uFE02\u{E0100}',
      ['invisible 3', 'invisible 4'],
    ],
    ['a supplementary variation selector after a letter', 'a\u{E0121}', ['invisible 1']],
    ['a message of tags', `Hi${tags('ok')}`, ['tag 2', 'tag 4']],
    ['a language tag', '\u{E0001}a', ['tag 0']],
    ['a cancel tag alone', `a${CANCEL}`, ['tag 1']],
    ['a flag that is not ended', `\u{1F3F4}${tags('gb')}`, ['tag 2', 'tag 4']],
    [
      'a flag of a whole message',
      `\u{1F3F4}${tags('ignoreall')}${CANCEL}`,
      Array.from({ length: 10 }, (_, index) => `tag ${2 + 2 * index}`),
    ],
    [
      'a flag with tags that are no letters',
      `\u{1F3F4}${tags('g b')}${CANCEL}`,
      ['tag 2', 'tag 4', 'tag 6', 'tag 8'],
    ],
    ['tags after a flag', `${flag('gbsct')}${tags('x')}`, ['tag 14']],
    [
      'tags after a white flag',
      `🏳${tags('gbsct')}${CANCEL}`,
      Array.from({ length: 6 }, (_, index) => `tag ${2 + 2 * index}`),
    ],
    ['an unassigned invisible character', 'a\u{E0FFF}', ['invisible 1']],
    ['a musical control', 'a\u{1D173}', ['invisible 1']],
  ])('has %s', (_what, text, expected) => {
    expect(unsafe(text)).toEqual(expected)
  })
})

describe('any text', () => {
  it('has each found character at its index', () => {
    const unit = fc.constantFrom(
      'a',
      ' ',
      'ش',
      'क',
      '🙂',
      '\u{1F3F4}',
      '\u200D',
      '\u200C',
      '\u200F',
      '\uFE0F',
      '\u{E0067}',
      '\u{E007F}',
      '\uFEFF',
      '\n',
    )
    fc.assert(
      fc.property(
        fc.array(unit).map((units) => units.join('')),
        (text) => {
          let last = -1
          for (const { index, character } of unsafeCharacters(text)) {
            expect(text.startsWith(character, index)).toBe(true)
            expect(index).toBeGreaterThan(last)
            last = index
          }
        },
      ),
    )
  })

  it('with only visible characters has none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => void expect(unsafe(text)).toEqual([])),
      { numRuns: 2000 },
    )
  })
})
