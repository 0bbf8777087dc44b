import { expect, it } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import { expectSettled, startJourney } from '../support/planned-journey.ts'

const FILES = {
  'prompts/parcel.prompt':
    '# licence\n---\ninput:\n  schema: { who: string }\n---\n{{role "system"}}Be kind.{{role "user"}}I am {{who}}.\n',
  'prompts/refund.prompty':
    '---\ninputs: { order: { type: integer } }\n---\nsystem:\nCheck.\n\nuser:\n{{ order }}\n',
  'prompts/triage.prompt.yml': 'messages:\n- role: user\n  content: Sort {{ticket}}.\nmodel: m\n',
  'prompts/style.mdc': '---\ndescription: House style: short\n---\nWrite {{short}}.\n',
  'prompts/ask.j2': 'Ask {{ who }}.\n',
  'prompts/plain.yaml': 'prompt: Not a prompt by its name.\n',
}

const MESSAGES = {
  parcel: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'I am {{who}}.' },
  ],
  refund: [
    { role: 'system', content: 'Check.' },
    { role: 'user', content: '{{ order }}' },
  ],
  'triage.prompt': [{ role: 'user', content: 'Sort {{ticket}}.' }],
}

it('files of every format become prompts with inputs and messages, and come back byte for byte', async () => {
  const { controller, repository } = await startJourney()
  await repository.commit(FILES)
  expect((await controller.sync()).result).toBe('synced')
  await expectSettled(controller)
  const found = new Map<string, unknown>()
  for (const [path, text] of Object.entries(FILES)) {
    const id = path.replace(/^prompts\//, '').replace(/\.[^.]+$/, '')
    const read = controller.api.resolve(id, { mode: 'dev', include: 'messages,file' })
    if (id === 'plain') {
      await expect(read).rejects.toMatchObject({ code: 'not_found' })
      continue
    }
    const { file, version, format, template_language, inputs, messages } = await read
    expect(file).toBe(text)
    expect(version).toBe(sha256(text).slice(0, 12))
    found.set(id, { format, template_language, names: inputs?.map(({ name }) => name), messages })
  }
  expect(Object.fromEntries(found)).toEqual({
    parcel: {
      format: 'dotprompt',
      template_language: 'handlebars',
      names: ['who'],
      messages: MESSAGES.parcel,
    },
    refund: { format: 'prompty', template_language: 'jinja', names: ['order'], messages: MESSAGES.refund },
    'triage.prompt': {
      format: 'document',
      template_language: 'simple',
      names: ['ticket'],
      messages: MESSAGES['triage.prompt'],
    },
    style: { format: 'front-matter', template_language: null, names: undefined, messages: null },
    ask: { format: 'text', template_language: 'jinja', names: ['who'], messages: null },
  })
  const { results } = await controller.api.resolveMany({
    references: ['parcel', 'ask'],
    mode: 'dev',
    include: ['messages'],
  })
  expect(results.map((result) => 'prompt' in result && result.prompt.messages)).toEqual([
    MESSAGES.parcel,
    null,
  ])
})

it('an extension alone makes no other version', async () => {
  const { controller, repository } = await startJourney()
  await repository.commit({ 'prompts/a.txt': 'Ask {{ who }}.\n' })
  await controller.sync()
  const before = await controller.api.resolve('a', { mode: 'dev' })
  await repository.commit({ 'prompts/a.txt': null, 'prompts/a.j2': 'Ask {{ who }}.\n' })
  await controller.sync()
  const after = await controller.api.resolve('a', { mode: 'dev' })
  expect(after).toMatchObject({ version: before.version, template_language: null })
})
