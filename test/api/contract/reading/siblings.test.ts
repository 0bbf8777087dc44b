import { expect, it } from 'vitest'
import { isFileProblem, readingOf, readPromptFile } from '../../../../api/contract/reading/index.ts'

/** One file for each kind of file that people keep, with what it means. */
const FILES: Readonly<Record<string, { readonly text: string; readonly means: object }>> = {
  '_signature.prompt': {
    text: 'Sign as {{team}}.\n',
    means: {
      format: 'dotprompt',
      templateLanguage: 'handlebars',
      inputs: [{ name: 'team', type: 'any', required: true, declared: false }],
    },
  },
  'planner.agent.md': {
    text: '---\nname: planner\ndescription: Plans: first the risks\ntools: [Read]\n---\nPlan it.\n',
    means: {
      format: 'front-matter',
      description: 'Plans: first the risks',
      config: { name: 'planner', tools: ['Read'] },
      repairedKeys: ['description'],
    },
  },
  'notes.prompt.md': {
    text: '---\ninputs:\n  - topic\n  - name: tone\n    enum: [warm, dry]\n    required: false\n---\n{{topic}} {{other}}\n',
    means: {
      format: 'front-matter',
      inputs: [
        { name: 'topic', type: 'any', required: true },
        { name: 'tone', type: 'string', required: false, enum: ['warm', 'dry'] },
      ],
      config: { inputs: ['topic', { name: 'tone', enum: ['warm', 'dry'], required: false }] },
    },
  },
  'team.yaml': {
    text: 'cook:\n  prompt: Cook {dish}.\n',
    means: {
      format: 'text',
      content: 'cook:\n  prompt: Cook {dish}.\n',
      readingProblem: 'no messages and no template',
    },
  },
  'bare.md': { text: '---\n# nothing yet\n---\n', means: { format: 'text' } },
  'blank.md': {
    text: '\n---\n---\nText\n',
    means: { format: 'front-matter', content: 'Text\n', config: null },
  },
  'rules.md': { text: '# Rules\n---\nname: x\n---\n', means: { format: 'text', frontMatter: '' } },
  'ask.toml': {
    text: '# how to ask\ntags = ["a"]\nsince = 2026-01-02\nprompt = "Ask {{who}}."\n[model]\nname = "m"\n',
    means: {
      format: 'document',
      templateLanguage: 'simple',
      tags: ['a'],
      config: { since: '2026-01-02', model: { name: 'm' } },
      inputs: [{ name: 'who', type: 'any', required: true, declared: false }],
      template: 'Ask {{who}}.',
    },
  },
  'hello/skprompt.txt': {
    text: 'Hello {{$name}}, {{time.Today}} {{call.it $count}}\n',
    means: {
      format: 'text',
      templateLanguage: 'semantic-kernel',
      inputs: [
        { name: 'name', type: 'any', required: true, declared: false },
        { name: 'count', type: 'any', required: true, declared: false },
      ],
    },
  },
  'order.prompt': {
    text: `---
input:
  schema:
    items(array): string
    note?: string, for the kitchen
    (*): any
  default: { note: none }
---
Before.
{{~role 'system'~}}
You cook.
{{role "user"}}
{{#if note}}{{note}}{{/if}} {{json extra}}
`,
    means: {
      format: 'dotprompt',
      inputs: [
        { name: 'items', type: 'array', items: 'string', required: true },
        { name: 'note', type: 'string', required: false, description: 'for the kitchen', default: 'none' },
        { name: 'extra', type: 'any', required: true, declared: false },
      ],
      messages: [
        { role: 'user', content: 'Before.' },
        { role: 'system', content: 'You cook.' },
        { role: 'user', content: '{{#if note}}{{note}}{{/if}} {{json extra}}' },
      ],
    },
  },
  'bom.txt': {
    text: '\uFEFF---\r\ntags: [a]\r\n---\r\nText\r\n',
    means: { format: 'front-matter', tags: ['a'], content: 'Text\r\n' },
  },
  'quiz.prompty': {
    text: `---
inputs:
  topic: Rivers
  level: { type: integer, required: false }
sample: { level: 2 }
template: { format: mustache }
---
# System:
You ask about {{topic}}.

assistant[name="x"]:
Ready?
`,
    means: {
      format: 'prompty',
      templateLanguage: 'handlebars',
      inputs: [
        { name: 'topic', type: 'string', required: true, sample: 'Rivers' },
        { name: 'level', type: 'integer', required: false, sample: 2 },
      ],
      messages: [
        { role: 'system', content: 'You ask about {{topic}}.' },
        { role: 'assistant', content: 'Ready?' },
      ],
    },
  },
  'letter.yml': {
    text: 'template: Dear {name}, {{not}} {name!r}\ntemplate_format: f-string\ninput_variables: [name]\n',
    means: {
      format: 'document',
      templateLanguage: 'f-string',
      inputs: [{ name: 'name', type: 'any', required: true }],
      template: 'Dear {name}, {{not}} {name!r}',
      config: { template_format: 'f-string', input_variables: ['name'] },
    },
  },
  'elements.yaml': {
    text: `template: |
  <message role="system">
    a &lt; b
  </message>
  <message role='user'>{{$x}}</message>
template_format: semantic-kernel
`,
    means: {
      format: 'document',
      messages: [
        { role: 'system', content: 'a < b' },
        { role: 'user', content: '{{$x}}' },
      ],
      inputs: [{ name: 'x', type: 'any', required: true, declared: false }],
    },
  },
  'globs.mdc': {
    text: '---\nglobs: *.ts\nalwaysApply: true\n---\nUse {{ types }}.\n',
    means: {
      format: 'front-matter',
      templateLanguage: null,
      config: { globs: '*.ts', alwaysApply: true },
      repairedKeys: ['globs'],
      inputs: null,
    },
  },
  'translate/SKILL.md': {
    text: '---\nname: translate\ndescription: Translates.\n---\n# Translate\n',
    means: { format: 'front-matter', description: 'Translates.', config: { name: 'translate' } },
  },
  'chat.prompt.json': {
    text: JSON.stringify({
      chat: [
        ['system', 'Be {{tone}}.'],
        { type: 'placeholder', name: 'history' },
        { role: 'user', content: [{ type: 'text', text: 'One' }, 'Two'] },
        { assistant: 'Three' },
      ],
      variables: { tone: { type: 'str', default: null } },
      temperature: 0.5,
    }),
    means: {
      format: 'document',
      inputs: [{ name: 'tone', type: 'string', required: false, default: null }],
      config: { temperature: 0.5 },
      messages: [
        { role: 'system', content: 'Be {{tone}}.' },
        { role: 'history' },
        { role: 'user', content: 'One\nTwo' },
        { role: 'assistant', content: 'Three' },
      ],
    },
  },
}

it.each(Object.entries(FILES))('%s is read', (path, { text, means }) => {
  const file = readPromptFile(Buffer.from(text), { path })
  if (isFileProblem(file)) return expect(file).toBeUndefined()
  const expected = { messages: null, template: null, readingProblem: null, ...means }
  expect({ ...file, ...readingOf(file, path) }).toMatchObject(expected)
  expect(file.frontMatter + file.content).toBe(text)
})

const PROBLEMS = [
  ['a.prompt.yml', 'messages:\n  - content: Hi\n    other: 1\n', 'Message 1 has no role.'],
  ['a.prompt.yml', 'messages:\n  - role: user\n', 'Message 1 has content that is not text.'],
  [
    'a.prompt.yml',
    'messages:\n  - role: user\n    content: [{type: image_url}]\n',
    'Message 1 has content that is not text.',
  ],
  ['a.prompt.yml', 'messages: []\n', 'no messages and no template'],
  ['a.prompt.yml', 'a: 1\nstray\nprompt: x\n', 'Line 2: The line of the document is neither a key'],
  ['a.json', '{"prompt": "x", "__proto__": 1}', 'The key `__proto__` is not allowed.'],
  ['a.json', `{"prompt": "x", "a": ${'['.repeat(80)}${']'.repeat(80)}}`, 'nested deeper than 64 levels'],
  ['a.json', '[1]', 'The document is not a mapping.'],
  ['a.toml', 'prompt = "x"\nb = \n', 'Line 2: The document is not valid TOML here'],
  ['a.yaml', `prompt: x\nnotes: ${'n'.repeat(17_000)}\n`, 'The other keys have 17012 bytes as JSON'],
  ['a.yaml', `prompt: ${'x'.repeat(70_000)}\n`, 'The document has 70009 bytes'],
  ['a.prompt', '{{#if x}}{{role "user"}}{{/if}}', 'Line 1 of the content: A role begins inside a block.'],
  ['a.prompt', 'Hi\n{{role who}}', 'Line 2 of the content: The role is not written out.'],
  ['a.prompty', 'system:\nHi\n{% if x %}\nuser:\nYo\n{% endif %}\n', 'Line 4 of the content: A role begins'],
] as const

it.each(PROBLEMS)('%s with %j keeps its text and says why it is not read further', (path, text, problem) => {
  const file = readPromptFile(Buffer.from(text), { path })
  if (isFileProblem(file)) return expect(file).toBeUndefined()
  expect(file.content).toBe(text)
  const { messages, readingProblem } = readingOf(file, path)
  expect(messages).toBeNull()
  expect(readingProblem).toContain(problem)
  expect(readingProblem === 'no messages and no template' || readingProblem?.endsWith('.')).toBe(true)
})

it('a text that its layout calls text has no problem', () => {
  const file = readPromptFile(Buffer.from('prompt: x\n'), { path: 'a.yaml', format: 'text' })
  if (isFileProblem(file)) return expect(file).toBeUndefined()
  expect(readingOf(file)).toEqual({ inputs: null, messages: null, template: null, readingProblem: null })
})
