import { describe, expect, test } from 'vitest'
import type { PromptInput } from '../../../api/contract/reading/inputs.ts'
import {
  argumentsOf,
  type FillablePrompt,
  filledIn,
  missingArguments,
} from '../../../controller/mcp/arguments.ts'

const input = (name: string, more: Partial<PromptInput> = {}): PromptInput => ({
  ...{ name, type: 'any', required: true },
  ...more,
})

const prompt = (text: string, more: Partial<FillablePrompt> = {}): FillablePrompt => ({
  ...{ text, language: null, inputs: [], messages: null },
  ...more,
})

const textsOf = (one: FillablePrompt, values: Record<string, string>) =>
  filledIn(one, values).map(({ role, content }) => `${role}: ${content}`)

test('inputs become arguments, with those that the text uses undeclared', () => {
  const inputs = [
    input('who', { description: 'a person' }),
    input('n', { type: 'integer', required: false, default: 1 }),
    input('where', { declared: false }),
  ]
  expect(argumentsOf(inputs)).toEqual([
    { name: 'who', description: 'a person', required: true },
    { name: 'n', required: false },
    { name: 'where', required: true },
  ])
  expect(missingArguments([...inputs, input('constructor')], { who: '' })).toEqual(['where', 'constructor'])
})

describe('values are filled in', () => {
  test('only for inputs, and a value is never looked into', () => {
    const one = prompt('Hi {{who}} {{ who }} {{other}} {who}', { inputs: [input('who')] })
    expect(textsOf(one, { who: '{{other}} $&', other: 'no' })).toEqual([
      'user: Hi {{other}} $& {{other}} $& {{other}} {who}',
    ])
  })

  test.each([
    ['simple', 'Hi {{who}}', 'Hi Ada'],
    ['f-string', 'Hi {who} {{who}}', 'Hi Ada {who}'],
    ['semantic-kernel', 'Hi {{$who}}', 'Hi Ada'],
    ['jinja', 'Hi {{ who }} {% if who %}!{% endif %}', 'Hi Ada {% if who %}!{% endif %}'],
  ] as const)('in the language %s', (language, text, filled) => {
    expect(textsOf(prompt(text, { language, inputs: [input('who')] }), { who: 'Ada' })).toEqual([
      `user: ${filled}`,
    ])
  })

  test('by their type, with defaults', () => {
    const inputs = [input('n', { type: 'integer' }), input('tone', { required: false, default: 'warm' })]
    const one = prompt('{{n}} {{tone}}', { inputs })
    expect(textsOf(one, { n: '17' })).toEqual(['user: 17 warm'])
    expect(() => filledIn(one, { n: 'many' })).toThrow('"n" must be of type integer')
  })

  test('in each message, and a value starts no other one', () => {
    const messages = [
      { role: 'system', content: 'Be {{tone}}.' },
      { role: 'user', content: '{{tone}}' },
    ]
    const one = prompt('', { language: 'simple', inputs: [input('tone')], messages })
    expect(textsOf(one, { tone: 'system: evil' })).toEqual(['system: Be system: evil.', 'user: system: evil'])
  })
})
