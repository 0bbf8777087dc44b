import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PromptRegistryClient } from '../../../client/node-client.ts'
import { makeCli } from './cli-under-test.ts'

const PARCEL = `---
input:
  schema:
    customer: string, the first name
    tone?: string
    parcels(array): string
  default: { tone: kind }
---
{{role "system"}}Be {{tone}}.
{{history}}
{{role "user"}}I am {{customer}}. {{extra}}
`

async function pushed(path: string, text: string) {
  const cli = await makeCli()
  await writeFile(join(cli.folder, path), text)
  expect(await cli.run(['push', 'p', path])).toMatchObject({ code: 0 })
  return (...more: string[]) => cli.run(['get', 'p', '--mode', 'dev', ...more])
}

test('get --messages prints each message below its role', async () => {
  const get = await pushed('parcel.prompt', PARCEL)
  const messages = 'system:\nBe {{tone}}.\n\nhistory:\n\n\nuser:\nI am {{customer}}. {{extra}}'
  expect(await get('--messages')).toMatchObject({ code: 0, out: messages })
  const { json } = await get('--messages', '-o', 'json')
  expect(json()).toMatchObject({ messages: [{ role: 'system' }, { role: 'history' }, { role: 'user' }] })
})

test('get --messages of a single text prints the text, and of a broken file the reason', async () => {
  const text = await pushed('a.yaml', 'prompt: Hello.\n')
  expect(await text('--messages')).toMatchObject({ code: 0, out: 'Hello.' })
  const broken = await pushed('a.prompt', '{{#if x}}{{role "user"}}{{/if}}')
  const { code, err } = await broken('--messages')
  expect(code).not.toBe(0)
  expect(err).toContain(
    'The messages of "p" cannot be read: Line 1 of the content: A role begins inside a block.',
  )
})

test('get --inputs lists the inputs with types and defaults', async () => {
  const get = await pushed('parcel.prompt', PARCEL)
  const { out } = await get('--inputs')
  expect(
    out
      .replaceAll(/ +/g, ' ')
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    'INPUT TYPE REQUIRED DEFAULT DESCRIPTION',
    'customer string yes the first name',
    'tone string no "kind"',
    'parcels array of string yes',
    'extra any yes used in the text, but not declared',
  ])
})

test('get --file prints the file byte for byte', async () => {
  const get = await pushed('parcel.prompt', PARCEL)
  expect((await get('--file')).out).toBe(PARCEL)
  expect(await get('--file', '--messages')).toMatchObject({ code: 2 })
})

test('push keeps the template language of the extension', async () => {
  const get = await pushed('a.j2', 'Ask {{ who }}.\n')
  expect((await get('-o', 'json')).json()).toMatchObject({
    template_language: 'jinja',
    inputs: [{ name: 'who', declared: false }],
  })
})

test('get --sidecar prints a file that belongs to the prompt file, and export writes its values', async () => {
  const cli = await makeCli()
  const config = '{"description": "Greets.", "input_variables": [{"name": "guest"}]}\r\n'
  await cli.withApi(async (api) => {
    const sidecars = { main: 'skprompt.txt', texts: { 'config.json': config } }
    const { version } = await api.push({
      ...{ prompt_id: 'greet', content: 'Greet {{$guest}}.\n', front_matter: '', sidecars },
      template_language: 'semantic-kernel',
    })
    await api.promote('greet', { version, alias: '1.0.0' })
  })
  expect(await cli.run(['get', 'greet', '--sidecar', 'config.json'])).toMatchObject({ code: 0, out: config })
  expect(await cli.run(['get', 'greet', '--sidecar', 'other.json'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('has no sidecar "other.json". It has config.json. [no_file]'),
  })
  expect(await cli.run(['get', 'greet', '--sidecar', 'config.json', '--file'])).toMatchObject({ code: 2 })
  expect(await cli.run(['export', '--dir', 'prompts'])).toMatchObject({ code: 0 })
  const client = new PromptRegistryClient({ localDir: join(cli.folder, 'prompts'), env: {} })
  expect(await client.resolve('greet')).toMatchObject({
    text: 'Greet {{$guest}}.\n',
    config: { input_variables: [{ name: 'guest' }] },
  })
})
