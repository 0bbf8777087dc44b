import { expect, it } from 'vitest'
import { sha256 } from '../../api/contract/version.ts'
import { expectSettled, findingsOf, startJourney } from '../support/planned-journey.ts'

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

it('the layout sets id, format and template language, by path or glob', async () => {
  const { controller, repository } = await startJourney({ idPrefix: 'team/' })
  const text = '---\nmodel: m\n---\nAsk {{ who }}.\n'
  await repository.commit({
    'prompts/deep/down.md': text,
    'prompts/raw/a.md': text,
    'prompts/raw/b.prompt': text,
    '.promptctl.yaml': `prompts:
  prompts/deep/down.md: { id: short, templateLanguage: jinja }
  "prompts/raw/**": { format: text }
  "none/**": { format: text }
`,
  })
  const report = await controller.sync()
  expect(findingsOf(report)).toEqual(['unknown_name none/**'])
  await expectSettled(controller)
  const get = (id: string) => controller.api.resolve(id, { mode: 'dev' })
  expect(await get('team/short')).toMatchObject({
    format: 'front-matter',
    template_language: 'jinja',
    config: { model: 'm' },
    inputs: [{ name: 'who', declared: false }],
  })
  expect(await get('team/raw/a')).toMatchObject({ format: 'text', content: text, config: null })
  expect(await get('team/raw/b')).toMatchObject({ format: 'text', content: text })
  // What the layout says is part of the version.
  const { version, file_sha256, identity } = await get('team/raw/a')
  expect(file_sha256).toBe(sha256(text))
  expect(identity).not.toBe(file_sha256)
  expect(version).toBe(identity.slice(0, 12))
})

it.each([
  ['"**": { id: x }', 'is a glob, so it cannot have an id'],
  ['a.md: { id: "a b@c" }', 'prompts.a.md.id'],
  ['a.md: { format: word }', 'prompts.a.md.format'],
])('a layout with %s is refused', async (entry, reason) => {
  const { controller, repository } = await startJourney()
  await repository.commit({ 'prompts/a.md': 'x', '.promptctl.yaml': `prompts:\n  ${entry}\n` })
  const report = await controller.sync()
  expect(findingsOf(report)).toEqual(['layout_invalid .promptctl.yaml'])
  expect(JSON.stringify(report.findings)).toContain(reason)
})
