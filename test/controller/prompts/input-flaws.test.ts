import { describe, expect, test } from 'vitest'
import { isFileProblem, readPromptFile } from '../../../api/contract/reading/index.ts'
import { inputFlaws } from '../../../controller/prompts/input-flaws.ts'

function flawsOf(text: string, path = 'prompts/a.md'): string[] {
  const read = readPromptFile(Buffer.from(text), { path })
  if (isFileProblem(read)) throw new Error(read.message)
  return inputFlaws(read).map(({ code, name, line }) => `${code} ${name} ${line}`)
}

const UNKNOWN = (variables: string, content: string) => `---\nvariables: ${variables}\n---\n${content}`
const SIMPLE = (variables: string, content: string) =>
  `---\ntemplate_language: simple\nvariables: ${variables}\n---\n${content}`

describe('a file without a known template language', () => {
  test.for([
    ['[message]', 'Sort {{ message }}.', []],
    ['[message]', 'Sort $message or {message}.', []],
    ['[message]', 'Sort messages.', ['input_unused message 2']],
    ['{ message: string, tone: string }', 'Sort {{message}}.', ['input_unused tone 2']],
    ['[{ name: message }]', 'Sort it.', ['input_unused message 2']],
    ['{ message?: string }', 'Sort {{message}}.', []],
    ['[message]', 'Sort {{message}}, leave {{ github.sha }} and {{other}}.', []],
    ['[items]', '{{#each items}}{{name}}{{/each}}', []],
    ['[]', 'Sort {{message}}.', []],
  ] as const)('with the variables %s and the text %j', ([variables, content, flaws]) => {
    expect(flawsOf(UNKNOWN(variables, content))).toEqual(flaws)
  })
})

describe('a file with a known template language', () => {
  test.for([
    ['[message]', 'Sort {{message}}\nfor {{ user.name }}.', ['input_undeclared user 6']],
    ['[message, tone]', 'Set the tone of {{message}}.', ['input_unused tone 3']],
    ['[größe]', 'Sort {{größe}}.', []],
    ['[größe]', 'Sort {{große}}.', ['input_unused größe 3', 'input_undeclared große 5']],
    ['["with space"]', 'Sort it.', []],
  ] as const)('with the variables %s and the text %j', ([variables, content, flaws]) => {
    expect(flawsOf(SIMPLE(variables, content))).toEqual(flaws)
  })

  test('is judged in its own syntax', () => {
    const dotprompt = (content: string) =>
      `---\ninput: { schema: { who: string, tone?: string } }\n---\n${content}`
    expect(
      flawsOf(dotprompt('{{role "system"}}Be {{tone}}.{{#if who}}Hi {{who}}{{/if}}'), 'a.prompt'),
    ).toEqual([])
    expect(flawsOf(dotprompt('Hi {{who}} {{size}}'), 'a.prompt')).toEqual([
      'input_unused tone 2',
      'input_undeclared size 4',
    ])
    const prompty = '---\ninputs: { items: array }\n---\n{% for one in items %}{{ one }}{% endfor %}{{ who }}'
    expect(flawsOf(prompty, 'a.prompty')).toEqual(['input_undeclared who 4'])
  })

  test('may use its inputs in a partial', () => {
    const text = '---\ninput: { schema: { who: string } }\n---\n{{>greeting}}'
    expect(flawsOf(text, 'a.prompt')).toEqual([])
  })

  test('as a document is judged by its messages', () => {
    const text = [
      'inputs: [who, tone]',
      'messages:',
      '  - { role: user, content: "Hi {{who}}," }',
      '  - { role: user, content: "bye {{size}}" }',
    ]
    expect(flawsOf(text.join('\n'), 'a.prompt.yml')).toEqual([
      'input_unused tone 1',
      'input_undeclared size 4',
    ])
  })
})

test('at most 20 flaws of a kind are listed', () => {
  const names = Array.from({ length: 50 }, (_, index) => `input${index}`)
  expect(flawsOf(UNKNOWN(`[${names.join(', ')}]`, 'Hi'))).toHaveLength(20)
})
