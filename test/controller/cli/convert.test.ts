import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFileProblem, readingOf, readPromptFile } from '../../../api/contract/reading/index.ts'
import { convertOpenAiPrompt } from '../../../controller/cli/openai-prompt.ts'
import { makeCli } from './cli-under-test.ts'

const EXPORTED = {
  id: 'pmpt_1',
  object: 'prompt',
  version: '3',
  model: 'example-1',
  temperature: 0.2,
  instructions: 'You sort tickets.\nAnswer with one word.',
  messages: [{ role: 'user', content: [{ type: 'input_text', text: 'Sort: {{ticket}}' }] }],
  variables: { ticket: { type: 'string' } },
}

test('an exported prompt becomes a document with its messages, inputs and settings', async () => {
  const { run, folder } = await makeCli()
  await writeFile(join(folder, 'exported.json'), JSON.stringify(EXPORTED))
  const { code, out, err } = await run(['convert', '--openai', 'exported.json'])
  expect([code, err]).toEqual([0, ''])
  const file = readPromptFile(Buffer.from(out), { path: 'triage.prompt.yml' })
  if (isFileProblem(file)) return expect(file).toBeUndefined()
  expect(file).toMatchObject({
    format: 'document',
    templateLanguage: 'simple',
    config: { id: 'pmpt_1', version: '3', model: 'example-1', temperature: 0.2 },
  })
  expect(readingOf(file)).toEqual({
    inputs: [{ name: 'ticket', type: 'string', required: true }],
    messages: [
      { role: 'developer', content: 'You sort tickets.\nAnswer with one word.' },
      { role: 'user', content: 'Sort: {{ticket}}' },
    ],
    template: null,
    readingProblem: null,
  })
})

test.for([
  ['not JSON', 'It is not a JSON object.'],
  ['[]', 'It is not a JSON object.'],
  ['{"id": "pmpt_1", "version": "2"}', 'It has no messages and no instructions.'],
  [
    '{"messages": [{"role": "user", "content": [{"type": "input_image"}]}]}',
    'Message 1 has content that is not text.',
  ],
])('%s is refused with a reason', ([text = '', reason = '']) => {
  expect(convertOpenAiPrompt(text)).toEqual({ problem: expect.stringContaining(reason) })
})
