import { describe, expect, test } from 'vitest'
import { parseVersionName, versionNameKey, versionNameProblem } from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'
import { versionNames } from '../../support/registry-arbitraries.ts'

describe('the key of a name', () => {
  test.each([
    ['v1.3', '1.3.0'],
    ['1', '1.0.0'],
    ['v1', '1.0.0'],
    ['1.3.0', '1.3.0'],
    ['v1.3-rc.1', '1.3.0-rc.1'],
    ['1+build', '1.0.0+build'],
    ['1.2.3.4', '1.2.3.4'],
    ['v1.2.3.4', '1.2.3.4'],
    ['01.2', '01.2.0'],
    ['vblue', 'vblue'],
    ['V1', 'V1'],
    ['vv1', 'vv1'],
    ['1a', '1a'],
    ['1.x', '1.x'],
    ['12ab34cd56ef', '12ab34cd56ef'],
  ])('of %s is %s', (name, key) => {
    expect(versionNameKey(name)).toBe(key)
  })

  test('is its own key', () => {
    fc.assert(
      fc.property(versionNames, (name) => {
        expect(versionNameKey(versionNameKey(name))).toBe(versionNameKey(name))
      }),
    )
  })

  test('does not change with a leading "v" before a digit', () => {
    fc.assert(
      fc.property(
        versionNames.filter((name) => /^\d/.test(name)),
        (name) => {
          expect(versionNameKey(`v${name}`)).toBe(versionNameKey(name))
        },
      ),
    )
  })

  test('does not change with the zeros that a short version lacks', () => {
    const parts = fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(parts, fc.constantFrom('', '-rc.1', '+b'), (numbers, rest) => {
        expect(versionNameKey([...numbers, 0].join('.') + rest)).toBe(
          versionNameKey(numbers.join('.') + rest),
        )
      }),
    )
  })

  test('is shared by two names only where both are numbers with the same parts', () => {
    /** The expected reading: three numbers and the rest, or the name unchanged. */
    const reading = (name: string) => {
      const [, numbers = '', rest = ''] = /^v?(\d+(?:\.\d+)*)(.*)$/.exec(name) ?? []
      const parts = numbers.split('.')
      const plain = parts.length <= 3 && (rest === '' || rest.startsWith('-') || rest.startsWith('+'))
      if (numbers === '') return name
      return plain ? JSON.stringify([...parts, '0', '0'].slice(0, 3)) + rest : numbers + rest
    }
    fc.assert(
      fc.property(versionNames, versionNames, (a, b) => {
        expect(versionNameKey(a) === versionNameKey(b)).toBe(reading(a) === reading(b))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a name', () => {
  test.each(['1.3.0', 'v1.3', 'a', 'A._+-', '0', 'x'.repeat(128)])('may be %s', (name) => {
    expect(parseVersionName(name)).toBe(name)
  })

  test.each([
    ...[
      '',
      ' ',
      'a b',
      '-1',
      '.a',
      '+a',
      '_a',
      'a/b',
      'a@b',
      'ä',
      'x'.repeat(129),
      'a\n',
      '1.0.0\0',
      '^1',
      '~1',
      '*',
    ],
    ...['stable', 'latest', 'Stable', 'LATEST'],
  ])('may not be %j', (name) => {
    expect(() => parseVersionName(name)).toThrow(expect.objectContaining({ code: 'invalid_version' }))
  })

  test('is accepted or refused, for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (text) => {
        const problem = versionNameProblem(text)
        expect(problem === undefined).toBe(
          /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/.test(text) && !/^(stable|latest)$/i.test(text),
        )
      }),
    )
  })
})
