import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import {
  isFileProblem,
  type PromptFile,
  readingOf,
  readPromptFile,
} from '../../../../api/contract/reading/index.ts'
import { fileIdentity, identityLabel, sha256 } from '../../../../api/contract/version.ts'
import fc, { runs } from '../../../support/fast-check.ts'

const FILES = runs(400)

const words = fc.string({ unit: fc.constantFrom(...'ab cä€🙂{}%"\'#:-\n') })
const text = fc.oneof(
  words,
  fc.constant('{{name}} {% if x %}\nsystem:\n{{role "user"}}\n'),
  fc.string({ unit: 'grapheme' }),
)
const name = fc.constantFrom('customer', 'tone', 'größe', 'n')
const inputs = fc.dictionary(
  name,
  fc.constantFrom<unknown>('string', 'integer, how many', null, { type: 'bool' }),
)
const settings = fc.record(
  {
    description: words,
    tags: fc.array(fc.constantFrom('a', 'b')),
    model: fc.constantFrom('m', 1.5, null),
    inputs,
    variables: inputs,
    input: fc.record({ schema: inputs, default: fc.constant({ tone: 'kind' }) }),
    sample: fc.dictionary(name, words),
    template: fc.constantFrom('jinja2', 'mustache'),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const fenced = fc
  .tuple(settings, text, fc.constantFrom('', '\n', '\uFEFF'))
  .map(
    ([keys, content, before]) =>
      `${before}---\n${Object.keys(keys).length === 0 ? '' : stringify(keys)}---\n${content}`,
  )
const message = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text })
const document = fc.tuple(
  settings,
  fc.oneof(fc.record({ messages: fc.array(message) }), fc.record({ prompt: text }), fc.constant({})),
)
const file = fc.oneof(
  fc.record({ path: fc.constantFrom('a.txt', 'a.md', 'a.j2', 'skprompt.txt', 'a'), text }),
  fc.record({
    path: fc.constantFrom('a.md', 'a.mdc', 'a.agent.md', 'SKILL.md', 'a.txt', 'a.liquid'),
    text: fenced,
  }),
  fc.record({ path: fc.constant('a.prompty'), text: fenced }),
  fc.tuple(fenced, fc.boolean()).map(([one, hasComment]) => ({
    path: 'a.prompt',
    text: hasComment && !one.startsWith('\uFEFF') ? `# licence\n\n${one}` : one,
  })),
  document.map(([keys, own]) => ({ path: 'a.prompt.yml', text: stringify({ ...keys, ...own }) })),
  document.map(([keys, own]) => ({ path: 'a.json', text: JSON.stringify({ ...keys, ...own }, null, 1) })),
)

it(`${FILES} prompt files of every format are kept byte for byte, under the hash that sha256sum prints`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'))
  const read: { readonly bytes: Buffer; readonly file: PromptFile; readonly path: string }[] = []
  const many = fc.sample(file, { numRuns: 1.25 * FILES })
  for (const { path, text: whole } of many) {
    const bytes = Buffer.from(whole)
    const one = readPromptFile(bytes, { path })
    if (isFileProblem(one) || read.length === FILES) continue
    writeFileSync(join(folder, String(read.push({ bytes, file: one, path }) - 1)), bytes)
  }
  expect(read).toHaveLength(FILES)
  const printed = execFileSync('sha256sum', [...read.keys()].map(String), { cwd: folder, encoding: 'utf8' })
  const sums = printed
    .trim()
    .split('\n')
    .map((line) => line.split(' ', 1)[0])
  const formats = new Set<string>()
  for (const [index, { bytes, file: one, path }] of read.entries()) {
    const { frontMatter, content } = one
    expect(Buffer.from(frontMatter + content).equals(bytes)).toBe(true)
    const identity = fileIdentity(sha256(frontMatter + content))
    expect(identity).toBe(sums[index])
    expect(identityLabel(identity)).toBe(sums[index]?.slice(0, 12))
    expect(readFileSync(join(folder, String(index))).equals(bytes)).toBe(true)
    const { messages, template, inputs: needed } = readingOf(one, path)
    expect(messages === null || template === null).toBe(true)
    expect(new Set(needed?.map((input) => input.name)).size).toBe(needed?.length ?? 0)
    formats.add(one.format)
  }
  rmSync(folder, { recursive: true })
  expect([...formats].sort()).toEqual(['document', 'dotprompt', 'front-matter', 'prompty', 'text'])
})
