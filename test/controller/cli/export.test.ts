import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Json } from '../../../api/contract/version.ts'
import { PromptRegistryClient } from '../../../client/node-client.ts'
import { exportFile } from '../../../controller/cli/export-file.ts'
import fc from '../../support/fast-check.ts'
import { makeCli } from './cli-under-test.ts'

async function world() {
  const cli = await makeCli()
  await cli.withApi(async (api) => {
    const more = { config: { model: 'm', temperature: 0 }, variables: ['who'], tags: ['t'] }
    const release = async (id: string, fields: object) => {
      const { version } = await api.push({ prompt_id: id, content: `Text of ${id}.\n`, ...fields })
      await api.promote(id, { version, alias: '1.0.0' })
    }
    await release('support/triage', more)
    await release('plain', {})
    await api.push({ prompt_id: 'draft', content: 'Draft.' })
  })
  return cli
}

test('export --dir makes a folder that the client reads back', async () => {
  const { run, folder } = await world()
  expect(await run(['export', '--dir', 'prompts'])).toMatchObject({ code: 0, out: '2 exported\n', err: '' })
  const client = new PromptRegistryClient({ localDir: join(folder, 'prompts'), env: {} })
  expect(await client.resolve('support/triage')).toMatchObject({
    text: 'Text of support/triage.\n',
    config: { model: 'm', temperature: 0 },
    variables: ['who'],
    tags: ['t'],
    tier: 'local',
  })
  expect(await client.get('plain')).toBe('Text of plain.\n')
  await expect(client.get('draft')).rejects.toMatchObject({ code: 'not_found' })
  const index = JSON.parse(await readFile(join(folder, 'prompts/prompts.json'), 'utf8'))
  expect(index['support/triage']).toMatchObject({ release: '1.0.0', status: 'stable', variables: ['who'] })
})

test('a pin without a file names the export that adds it beside the others', async () => {
  const { run, folder } = await world()
  await run(['export', '--dir', 'prompts'])
  const client = new PromptRegistryClient({ localDir: join(folder, 'prompts'), env: {} })
  const missing = await client.get('plain@1.0.0').catch(String)
  const [, command = ''] = /run: promptctl (.+) \[no_file\]/.exec(missing) ?? []
  expect(await run(command.split(' '))).toMatchObject({ code: 0, out: '1 exported\n' })
  expect(await client.get('plain@1.0.0')).toBe('Text of plain.\n')
  const index = JSON.parse(await readFile(join(folder, 'prompts/prompts.json'), 'utf8'))
  expect(Object.keys(index)).toEqual(['plain', 'support/triage', 'plain@1.0.0'])
})

test('export --bundle makes a file that the client starts from without a registry', async () => {
  const { run, folder } = await world()
  const { code, out } = await run([
    'export',
    '--bundle',
    'p.bundle',
    'support/triage',
    'support/triage@1.0.0',
  ])
  expect([code, out]).toEqual([0, '2 exported\n'])
  for (const mode of [undefined, 'production'] as const) {
    const bundle = { file: join(folder, 'p.bundle') }
    const client = new PromptRegistryClient({ bundle, registryUrl: 'http://127.0.0.1:9', mode, env: {} })
    expect(await client.resolve('support/triage')).toMatchObject({
      text: 'Text of support/triage.\n',
      release: '1.0.0',
      config: { model: 'm', temperature: 0 },
    })
    expect(await client.get('support/triage@1.0.0')).toBe('Text of support/triage.\n')
    await expect(client.get('plain')).rejects.toMatchObject({ code: 'unavailable' })
  }
  const dev = new PromptRegistryClient({ bundle: { file: join(folder, 'p.bundle') }, mode: 'dev', env: {} })
  await expect(dev.get('support/triage')).rejects.toMatchObject({ code: 'invalid_configuration' })
})

test('a reference that is not there is reported, and so is a use without a place', async () => {
  const { run } = await world()
  const { code, err } = await run(['export', '--dir', 'p', 'plain', 'nowhere'])
  expect(code).toBe(1)
  expect(err).toContain('nowhere was not exported: Prompt "nowhere" was not found')
  expect(await run(['export'])).toMatchObject({ code: 2 })
})

test('on a terminal, an export ends with what an agent needs', async () => {
  const { run, withApi } = await makeCli()
  await withApi((api) => api.push({ prompt_id: 'a', content: 'x' }))
  const line = ['export', '--mode', 'dev', '--dir', 'my prompts', '--bundle', 'p.bundle']
  expect((await run(line, { terminal: true })).out).toBe(
    [
      '1 exported',
      "Set PROMPT_REGISTRY_LOCAL_DIR='my prompts' and PROMPT_REGISTRY_BUNDLE=p.bundle for your agent.",
      'It needs @prompt-registry/client, or the file prompt_registry.py for Python.\n',
    ].join('\n'),
  )
  expect((await run([...line, '-o', 'json'], { terminal: true })).json()).toMatchObject({ exported: ['a'] })
})

test('an exported file reads as the same prompt, or there is none', () => {
  const text = fc.oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.constantFrom('---\na: b\n---\nx', '---\n', '\uFEFFx', ' ', '\r\n'),
  )
  const config = fc.oneof(
    fc.constant(null),
    fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  )
  fc.assert(
    fc.property(
      text,
      config,
      fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
      (content, made, tags) => {
        const prompt = { content, description: null, tags, variables: null, config: made as Json }
        // It checks itself by reading back; most prompts have a file.
        const file = exportFile('a', prompt)
        if (made === null && tags.length === 0) expect(file?.text.endsWith(content)).toBe(true)
      },
    ),
  )
})

test('the Python client reads the folder, config and variables too', async (context) => {
  const run = promisify(execFile)
  const hasPython = await run('python3', ['--version']).then(
    () => true,
    () => false,
  )
  context.skip(!hasPython, 'python3 is missing')
  const cli = await world()
  await cli.run(['export', '--dir', 'prompts'])
  const script = `
import json, sys
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient
found = PromptRegistryClient(local_dir=sys.argv[1], env={}).resolve("support/triage")
print(json.dumps([found.text, found.config, found.variables, found.release, found.tier]))`
  const { stdout } = await run('python3', ['-B', '-c', script, join(cli.folder, 'prompts')])
  expect(JSON.parse(stdout)).toEqual([
    'Text of support/triage.\n',
    { model: 'm', temperature: 0 },
    ['who'],
    '1.0.0',
    'local',
  ])
})
