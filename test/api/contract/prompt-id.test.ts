import { describe, expect, test } from 'vitest'
import { parseReference, promptIdKey, promptIdProblem } from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'
import { ODD_IDS, REFUSED_IDS } from '../../support/odd-ids.ts'

describe('a prompt id', () => {
  test.each(ODD_IDS)('may be %j, also with a pin', (id) => {
    expect(promptIdProblem(id)).toBeUndefined()
    expect(parseReference(`${id}@1.3.0`)).toEqual({ id, pin: '1.3.0' })
  })

  test.each(REFUSED_IDS)('is not %j, and the sentence helps', (id, part) => {
    const problem = promptIdProblem(id)
    expect(problem).toContain(part)
    expect(problem).toMatch(/; .+\.$/s)
  })

  test('that is suggested is valid', () => {
    const piece = fc.constantFrom(...REFUSED_IDS.map(([id]) => id), ...ODD_IDS, '/', '_v1', ' ')
    const text = fc.oneof(
      fc.array(piece, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    fc.assert(
      fc.property(text, (id) => {
        const problem = promptIdProblem(id)
        const suggested = /; write "(.+)"\.$/s.exec(problem ?? '')?.[1]
        if (suggested !== undefined) expect(promptIdProblem(suggested)).toBeUndefined()
        // Nothing in a sentence can hide or reorder the rest of it.
        expect(problem ?? '').not.toMatch(/[\u200B\u202A-\u202E\u2066-\u2069\n\0]/)
      }),
      { numRuns: 2000 },
    )
  })

  test('has a name on disk with every pin, on each system', () => {
    for (const id of ODD_IDS)
      for (const segment of `${id}@${'1'.repeat(128)}.txt`.split('/')) {
        expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255)
        expect(segment).not.toMatch(/[<>:"|?*\\]|[. ]$/)
      }
  })
})

describe('the key of an id', () => {
  test.each([
    ['A/B', 'a/b'],
    ['Straße', 'STRASSE'],
    ['ﬁle', 'FILE'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['①', '1'],
    ['ｆｕｌｌ', 'full'],
    ['❤️', '❤'],
    ['İ', 'i̇'],
  ])('is the same for %j and %j', (one, other) => {
    expect(promptIdKey(one)).toBe(promptIdKey(other))
  })

  test('is the same for the key itself, and for an id of ASCII its lower case', () => {
    for (const id of ODD_IDS) {
      expect(promptIdKey(promptIdKey(id))).toBe(promptIdKey(id))
      if (/^[ -~]*$/.test(id)) expect(promptIdKey(id)).toBe(id.toLowerCase())
    }
    expect(new Set(ODD_IDS.map(promptIdKey)).size).toBe(ODD_IDS.length)
  })
})
