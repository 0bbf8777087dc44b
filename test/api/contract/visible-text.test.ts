import { describe, expect, it } from 'vitest'
import { unsafeCharacters } from '../../../api/contract/unsafe-characters.ts'
import { visible } from '../../../api/contract/visible-text.ts'
import fc from '../../support/fast-check.ts'

describe('visible', () => {
  it.each([
    ['nothing to show', 'Be kind — “please”. 你好 🙂', 'Be kind — “please”. 你好 🙂'],
    ['a terminal sequence', '\u001B[31mred\u0007', '⟨U+001B⟩[31mred⟨U+0007⟩'],
    ['a terminal sequence in one character', '\u009B31m', '⟨U+009B⟩31m'],
    ['a backspace and a delete', 'a\b\u007F', 'a⟨U+0008⟩⟨U+007F⟩'],
    ['an override', 'a\u202Eb', 'a⟨U+202E⟩b'],
    ['a zero-width space', 'a\u200Bb', 'a⟨U+200B⟩b'],
    ['tags', 'a\u{E0048}', 'a⟨U+E0048⟩'],
    ['a byte order mark, also at the start', '\uFEFFa\uFEFF', '⟨U+FEFF⟩a⟨U+FEFF⟩'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a⟨U+2028⟩b⟨U+2029⟩'],
    ['a NUL', 'a\0', 'a⟨U+0000⟩'],
    ['lone surrogates', 'a\uD800b\uDC00', 'a⟨U+D800⟩b⟨U+DC00⟩'],
    ['line ends and a tab', 'a\tb\nc\r\n', 'a⟨U+0009⟩b⟨U+000A⟩c⟨U+000D⟩⟨U+000A⟩'],
    [
      'what Persian and emoji need',
      'می\u200Cخواهم 👨\u200D👩\u200D👧 ❤\uFE0F',
      'می\u200Cخواهم 👨\u200D👩\u200D👧 ❤\uFE0F',
    ],
  ])('shows %s', (_what, text, expected) => {
    expect(visible(text)).toBe(expected)
  })

  it('can keep tabs, LF and CRLF, but not a lone CR, which overwrites its line', () => {
    expect(visible('a\tb\nc\r\nd\re\u001B', { keepLines: true })).toBe('a\tb\nc\r\nd⟨U+000D⟩e⟨U+001B⟩')
  })

  it('removes everything invisible, and is idempotent', () => {
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        'ش',
        '🙂',
        '\u200D',
        '\uFE0F',
        '\u{E0067}',
        '\u202E',
        '\u001B',
        '\n',
        '\uD83D',
        '\uFEFF',
      ),
    })
    fc.assert(
      fc.property(text, fc.boolean(), (raw, keepLines) => {
        const once = visible(raw, { keepLines })
        expect(visible(once, { keepLines })).toBe(once)
        expect([...unsafeCharacters(once)]).toEqual([])
        expect(once.isWellFormed()).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
