import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { isFileProblem, readingOf, readPromptFile } from '../../api/contract/reading/index.ts'

const page = readFileSync('docs/prompts.md', 'utf8')
/** A file name in code, a block with the file, and a block with what is read. */
const EXAMPLE = /`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g
const examples = [...page.matchAll(EXAMPLE)].map(([, path = '', text = '', read = '']) => ({
  path,
  text,
  read,
}))

it('the page has an example of every format', () => {
  const formats = examples.map(({ read }) => JSON.parse(read).format)
  expect(examples).toHaveLength(8)
  expect([...new Set(formats)].sort()).toEqual(['document', 'dotprompt', 'front-matter', 'prompty'])
})

it.each(examples)('$path is read as the page shows', ({ path, text, read }) => {
  const file = readPromptFile(Buffer.from(text), { path })
  if (isFileProblem(file)) return expect(file).toBeUndefined()
  const { inputs, messages } = readingOf(file, path)
  const { format, templateLanguage: template_language, description } = file
  expect({ format, template_language, description, inputs, messages }).toEqual(JSON.parse(read))
})
