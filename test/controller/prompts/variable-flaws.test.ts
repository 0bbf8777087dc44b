import { expect, test } from 'vitest'
import { isFileProblem, readPromptFile } from '../../../api/contract/reading/index.ts'
import { variableFlaws } from '../../../controller/prompts/variable-flaws.ts'

function flawsOf(variables: string, content: string): string[] {
  const read = readPromptFile(Buffer.from(`---\nvariables: ${variables}\n---\n${content}`))
  if (isFileProblem(read)) throw new Error(read.message)
  return variableFlaws(read).map(({ code, name, line }) => `${code} ${name} ${line}`)
}

test.for([
  ['[message]', 'Sort {{ message }}.', []],
  ['[message]', 'Sort $message or {message}.', []],
  ['[message]', 'Sort messages.', ['variable_unused message 2']],
  ['{ message: string, tone: string }', 'Sort {{message}}.', ['variable_unused tone 2']],
  ['[{ name: message }]', 'Sort it.', ['variable_unused message 2']],
  ['{ message?: string }', 'Sort {{message}}.', []],
  ['[message]', 'Sort {{message}}\nfor {{ user.name }}.', ['variable_undeclared user 5']],
  ['[items]', '{{#each items}}{{name}}{{/each}}', []],
  ['[]', 'Sort {{message}}.', []],
] as const)('variables %s in %j', ([variables, content, flaws]) => {
  expect(flawsOf(variables, content)).toEqual(flaws)
})
