import { describe, expect, test } from 'vitest'
import {
  formatReference,
  parseReference,
  promptIdProblem,
  type Reference,
  RegistryError,
  ROUTE_WORDS,
  versionNameProblem,
} from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'
import { nearReferences, promptIds, versionNames } from '../../support/registry-arbitraries.ts'

const accepted = (text: string): Reference | undefined => {
  try {
    return parseReference(text)
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError)
    expect(['invalid_reference', 'invalid_prompt_id', 'invalid_version']).toContain(
      (error as RegistryError).code,
    )
    return undefined
  }
}

const isNumber = (text: string) => text !== '' && [...text].every((digit) => '0123456789'.includes(digit))
const isLetter = (character: string) => /^[\p{L}\p{N}]$/u.test(character)
const isPlainEmoji = (character: string) => /^\p{Extended_Pictographic}$/u.test(character)
const isIgnorable = (character: string) => /^\p{Default_Ignorable_Code_Point}$/u.test(character)
const DEVICES = ['con', 'prn', 'aux', 'nul']

/** The grammar for strings without sequences of emoji, written independently of the parser. */
function isId(text: string): boolean {
  const segments = text.split('/')
  const isSegment = (segment: string) => {
    const characters = [...segment]
    const [first = ''] = characters
    return (
      first !== '' &&
      (isLetter(first) || isPlainEmoji(first) || '_.(['.includes(first)) &&
      characters.every(
        (one) =>
          !isIgnorable(one) &&
          (isLetter(one) || isPlainEmoji(one) || /^\p{M}$/u.test(one) || "._-()[]+,=&' ".includes(one)),
      ) &&
      !segment.endsWith('.') &&
      !segment.endsWith(' ') &&
      !segment.includes('  ') &&
      !DEVICES.includes(segment.toLowerCase()) &&
      Buffer.byteLength(segment) <= 120
    )
  }
  const isMixed = (text.match(/[\p{L}\p{M}]+/gu) ?? []).some(
    (run) => /\p{sc=Latn}/u.test(run) && /\p{sc=Cyrl}|\p{sc=Grek}/u.test(run),
  )
  const pin = text.lastIndexOf('_v')
  const readsAsPin =
    pin !== -1 &&
    text
      .slice(pin + 2)
      .split('.')
      .every(isNumber)
  const endsInRouteWord = ROUTE_WORDS.includes(segments.at(-1) ?? '')
  const isShort = text.length <= 200 && Buffer.byteLength(text) <= 512 && segments.length <= 16
  const isComposed = text === text.normalize('NFC')
  return isShort && isComposed && segments.every(isSegment) && !isMixed && !readsAsPin && !endsInRouteWord
}

describe('a reference', () => {
  test.each([
    ['support/triage', { id: 'support/triage' }],
    ['support/triage@1.3.0', { id: 'support/triage', pin: '1.3.0' }],
    ['support/triage@v1.3', { id: 'support/triage', pin: 'v1.3' }],
    ['a@1.0.0-rc.1+build', { id: 'a', pin: '1.0.0-rc.1+build' }],
    ['a_v1', { id: 'a', pin: '1' }],
    ['a_v1.2', { id: 'a', pin: '1.2' }],
    ['a/b_v1.2.3', { id: 'a/b', pin: '1.2.3' }],
    ['a_v', { id: 'a_v' }],
    ['a_vb', { id: 'a_vb' }],
    ['a_v1/b', { id: 'a_v1/b' }],
    ['a_V1', { id: 'a_V1' }],
    ['av1', { id: 'av1' }],
    ['a-v1', { id: 'a-v1' }],
  ])('%s is read', (text, expected) => {
    expect(parseReference(text)).toEqual(expected)
  })

  test.each([
    ['', 'invalid_prompt_id'],
    ['@1', 'invalid_prompt_id'],
    ['a@', 'invalid_reference'],
    ['a@@1', 'invalid_version'],
    ['a@1@2', 'invalid_version'],
    ['a@stable', 'invalid_version'],
    ['a@^1.0.0', 'invalid_version'],
    ['a@1.x ', 'invalid_version'],
    ['a@1 ', 'invalid_version'],
    [' a', 'invalid_prompt_id'],
    ['a\n', 'invalid_prompt_id'],
    ['a_v1@2', 'invalid_prompt_id'],
    ['a_v1_v2', 'invalid_prompt_id'],
    ['a_v1.2.3.4', 'invalid_prompt_id'],
    ['a_v1.2.3.4@1', 'invalid_prompt_id'],
    ['_v1', 'invalid_prompt_id'],
    ['a/../b', 'invalid_prompt_id'],
    ['./a', 'invalid_prompt_id'],
    ['a/versions', 'invalid_prompt_id'],
    ['versions', 'invalid_prompt_id'],
    ['a/versions@1', 'invalid_prompt_id'],
    ['versions/a', 'nothing'],
    ['a%2Fb', 'invalid_prompt_id'],
    ['a:b', 'invalid_prompt_id'],
  ])('%j is refused: %s', (text, code) => {
    const read = () => parseReference(text)
    if (code === 'nothing') expect(read).not.toThrow()
    else expect(read).toThrow(expect.objectContaining({ code, message: expect.stringMatching(/[.;]/) }))
  })

  test('is refused by a RegistryError or read, and nothing else ever happens', () => {
    fc.assert(
      fc.property(nearReferences, (text) => {
        accepted(text)
      }),
      { numRuns: 2000 },
    )
  })

  test('that is read is its id alone, or with its pin behind "@" or "_v"', () => {
    fc.assert(
      fc.property(nearReferences, (text) => {
        const reference = accepted(text)
        if (reference === undefined) return
        const { id, pin } = reference
        expect(promptIdProblem(id)).toBeUndefined()
        if (pin === undefined) expect(text).toBe(id)
        else {
          expect(versionNameProblem(pin)).toBeUndefined()
          expect([`${id}@${pin}`, `${id}_v${pin}`]).toContain(text)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('comes back from its text', () => {
    fc.assert(
      fc.property(promptIds, fc.option(versionNames, { nil: undefined }), (id, pin) => {
        const reference = pin === undefined ? { id } : { id, pin }
        expect(parseReference(formatReference(reference))).toEqual(reference)
      }),
    )
  })

  test('reads the short form of a pin as the long one', () => {
    const parts = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(promptIds, parts, (id, numbers) => {
        const pin = numbers.join('.')
        expect(parseReference(`${id}_v${pin}`)).toEqual(parseReference(`${id}@${pin}`))
      }),
    )
  })

  test('that is an id never has a pin', () => {
    fc.assert(
      fc.property(promptIds, (id) => {
        expect(parseReference(id)).toEqual({ id })
      }),
    )
  })
})

describe('a prompt id', () => {
  test('is what the grammar says and nothing else', () => {
    fc.assert(
      fc.property(nearReferences, (text) => {
        expect(promptIdProblem(text) === undefined, promptIdProblem(text)).toBe(isId(text))
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['a'.repeat(120), true],
    ['a'.repeat(121), false],
    [`${'a'.repeat(99)}/${'b'.repeat(100)}`, true],
    [`${'a'.repeat(100)}/${'b'.repeat(100)}`, false],
    ['a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p', true],
    ['a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q', false],
    ['a//b', false],
    ['/a', false],
    ['a/', false],
    ['a/.b', true],
    ['a/-b', false],
    ['a.b/c_d-e', true],
    ['a_v12.3', false],
    ['a_v12.', false],
    ['a_v12.x', true],
    ['Events', true],
  ])('%s: %s', (text, valid) => {
    expect(promptIdProblem(text) === undefined, promptIdProblem(text)).toBe(valid)
  })
})
