// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are what is tested
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { BlueprintError } from '../../client/blueprint-error.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { prompt, refuses, scriptedRegistry } from './scripted-registry.ts'

let file: string
beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'blueprint-')), 'agent.yaml')
})
afterAll(() => rm(join(file, '..'), { recursive: true }))

async function load(yaml: string | Uint8Array, env = {}, registry = scriptedRegistry()) {
  await writeFile(file, yaml)
  const client = new PromptRegistryClient({ registryUrl: registry.url, fetch: registry.fetch, env: {} })
  const blueprint = await client.loadBlueprint(file, { env, mode: 'dev' })
  return { blueprint, asked: registry.asked }
}

async function mistake(yaml: string | Uint8Array, env = {}): Promise<string> {
  const error = await load(yaml, env).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof BlueprintError)) throw new Error('It is no BlueprintError.', { cause: error })
  return error.message.replace(file, 'FILE')
}

describe('a blueprint with prompt_ref', () => {
  test('gets its system prompt and version, and keeps everything else', async () => {
    const { blueprint, asked } = await load('name: triage\nprompt_ref: support/triage\ntools: [search]\n')
    expect(blueprint).toMatchObject({
      name: 'triage',
      tools: ['search'],
      prompt_ref: 'support/triage',
      system_prompt: 'You sort tickets.',
      prompt: { id: 'support/triage', version: '1.3.0', release: null, status: 'stable' },
      prompt_resolution: { tier: 'http', stale: false, status: 'stable' },
    })
    expect(asked).toEqual(['/prompts/support/triage?mode=dev'])
  })

  test.each([
    ['${REF}', { REF: 'a/b@1.2' }, 'a/b@1.2'],
    ['${REF:-a/b}', {}, 'a/b'],
    ['${REF:-a/b}', { REF: '' }, 'a/b'],
    ['${REF:-a/b}', { REF: 'c' }, 'c'],
    ['${TEAM}/${NAME:-triage}@${VERSION:-1.0.0}', { TEAM: 'support' }, 'support/triage@1.0.0'],
    ['support/${NAME:-}triage', {}, 'support/triage'],
  ])('%s with %j is %s', async (template, env, reference) => {
    const { blueprint } = await load(`prompt_ref: "${template}"\n`, env)
    expect(blueprint.prompt_ref).toBe(reference)
  })

  test('every string is expanded, and what is not set stays as it is', async () => {
    const yaml = 'prompt_ref: a\nnote: ${HOME}\ntools: [{ url: "${URL:-http://x}/y" }]\ncost: $5 ${LATER}\n'
    const { blueprint } = await load(yaml, { HOME: '/x' })
    expect(blueprint).toMatchObject({ note: '/x', tools: [{ url: 'http://x/y' }], cost: '$5 ${LATER}' })
  })

  test('may name the prompt by its parts', async () => {
    const { blueprint } = await load('prompt: { id: a/b, version: 1.3.0 }\n')
    expect(blueprint).toMatchObject({ prompt_ref: 'a/b@1.3.0', prompt: { id: 'a/b', version: '1.3.0' } })
  })

  test('fails as the client does when there is no text', async () => {
    const registry = scriptedRegistry(refuses(404, 'revoked'))
    await expect(load('prompt_ref: a\n', {}, registry)).rejects.toMatchObject({
      name: 'PromptResolutionError',
      code: 'revoked',
    })
  })
})

test('a blueprint with its text inline keeps it, and asks nobody', async () => {
  const { blueprint, asked } = await load('system_prompt: |\n  You sort.\nname: x\n')
  expect(blueprint).toEqual({
    name: 'x',
    system_prompt: 'You sort.\n',
    prompt: null,
    prompt_resolution: null,
  })
  expect(asked).toEqual([])
})

describe('a mistake in a blueprint is said with file and line', () => {
  test.each<[string, string, string]>([
    [
      'an unset variable',
      'name: x\nprompt_ref: ${TEAM}/triage\n',
      'FILE:2: "prompt_ref": The variable TEAM is not set; set it, or write a default: ${TEAM:-default}.',
    ],
    [
      'a reference that cannot be one',
      'name: x\nprompt_ref: a/../b\n',
      'FILE:2: "prompt_ref": The prompt id "a/../b" has the segment "..", which is a path and not a name; write "a/b".',
    ],
    [
      'both',
      'prompt_ref: a\nname: x\nsystem_prompt: b\n',
      'FILE:3: A blueprint has either "prompt_ref" or "system_prompt"; remove one of them.',
    ],
    [
      'neither',
      'name: x\n',
      'FILE: Add "prompt_ref" with a reference, such as "prompt_ref: support/triage".',
    ],
    ['no text', 'name: x\nprompt_ref: [a]\n', 'FILE:2: "prompt_ref" must be a text.'],
    ['nothing', 'name: x\nprompt_ref:\n', 'FILE:2: "prompt_ref" must be a text.'],
    ['an inline text that is none', 'system_prompt: {a: b}\n', 'FILE:1: "system_prompt" must be a text.'],
    [
      'a key that is filled in',
      'prompt_ref: a\nprompt_resolution: 1\n',
      'FILE:2: "prompt_resolution" is filled in; leave it out.',
    ],
    ['an empty file', '', 'FILE: A blueprint is a mapping of keys to values.'],
    ['a list', '- prompt_ref: a\n', 'FILE: A blueprint is a mapping of keys to values.'],
  ])('%s', async (_what, yaml, message) => {
    expect(await mistake(yaml)).toBe(message)
  })

  test.each([
    ['no YAML', 'name: x\nprompt_ref: "a\n', /^FILE:\d: .+\.$/],
    ['a key twice', 'prompt_ref: a\nname: x\nprompt_ref: b\n', /^FILE:3: Map keys must be unique\.$/],
    ['two documents', 'prompt_ref: a\n---\nprompt_ref: b\n', /^FILE:\d: .+\.$/],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe]), /^FILE: It cannot be read as UTF-8 text/],
  ])('%s', async (_what, yaml, message) => {
    expect(await mistake(yaml)).toMatch(message)
  })

  test('aliases that multiply', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`)
    expect(await mistake(`l0: &l0 [x]\n${levels.join('\n')}\nprompt_ref: a\n`)).toMatch(/^FILE: .*alias/i)
  })

  test('a file that is not there', async () => {
    const client = new PromptRegistryClient({ env: {} })
    await expect(client.loadBlueprint('nowhere.yaml')).rejects.toThrow('nowhere.yaml: There is no such file.')
  })
})

describe('execution_modes', () => {
  test.each(['[dev, simulation]', 'Dev', '[" DEV ", paper]'])('%s lets it run in dev', async (modes) => {
    const { blueprint } = await load(`prompt_ref: a\nexecution_modes: ${modes}\n`)
    expect(blueprint.system_prompt).toBe('You sort tickets.')
  })

  test('without the mode refuse it', async () => {
    expect(await mistake('name: x\nprompt_ref: a\nexecution_modes: [live, paper]\n')).toBe(
      'FILE: The blueprint "x" does not run in mode dev; its execution_modes are production, staging.',
    )
  })

  test('of another name are a mistake', async () => {
    expect(await mistake('prompt_ref: a\nexecution_modes: [prod]\n')).toMatch(
      /^FILE:2: "execution_modes": "prod"/,
    )
  })
})

test('a folder gives every blueprint that may run, by id', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'blueprints-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const files = {
    'a.yaml': 'id: first\nprompt_ref: a\n',
    'b.yml': 'system_prompt: Inline.\n',
    'c.yaml': 'prompt_ref: c\nexecution_modes: [dev]\n',
    'notes.txt': 'none',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  const registry = scriptedRegistry()
  const client = new PromptRegistryClient({ registryUrl: registry.url, fetch: registry.fetch, env: {} })
  expect([...(await client.loadBlueprints(dir)).keys()]).toEqual(['first', 'b'])
  expect(client.blueprint('b').system_prompt).toBe('Inline.')
  expect(() => client.blueprint('c')).toThrow('c: This blueprint is not loaded; ')
})

test('a prompt does not need a registry that is up: what it last said will do', async () => {
  const registry = scriptedRegistry(prompt())
  const options = { registryUrl: registry.url, fetch: registry.fetch, ttlMs: 0, env: {} }
  const client = new PromptRegistryClient(options)
  await writeFile(file, 'prompt_ref: support/triage\n')
  await client.loadBlueprint(file)
  registry.says('unreachable')
  const blueprint = await client.loadBlueprint(file)
  expect(blueprint.prompt_resolution).toMatchObject({ stale: true, reason: 'last_known_good' })
})
