import { describe, expect, test } from 'vitest'
import { argumentsOf, filledIn, missingArguments } from '../../../controller/mcp/arguments.ts'

describe('declared variables as arguments', () => {
  test.each([
    [null, []],
    ['text', []],
    [
      ['who', 'what'],
      [
        { name: 'who', required: true },
        { name: 'what', required: true },
      ],
    ],
    [
      [{ name: 'who', description: 'd', required: false }, 5],
      [{ name: 'who', description: 'd', required: false }],
    ],
    [
      { who: 'a person', n: { default: 1 } },
      [
        { name: 'who', description: 'a person', required: true },
        { name: 'n', required: false },
      ],
    ],
    [{ who: null }, [{ name: 'who', required: true }]],
  ])('%j', (variables, declared) => {
    expect(argumentsOf(variables)).toEqual(declared)
  })
})

test('only declared arguments are filled in, and a value is never looked into', () => {
  const declared = argumentsOf(['who', 'constructor'])
  const text = 'Hi {{who}} {{ who }} {{other}} {who} {{constructor}} {{{who}}}'
  expect(filledIn(text, declared, { who: '{{other}} $&', other: 'no' })).toBe(
    'Hi {{other}} $& {{other}} $& {{other}} {who} {{constructor}} {{{other}} $&}',
  )
  expect(missingArguments(declared, { who: '' })).toEqual(['constructor'])
})
