import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { isPromptResolutionError, type PromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ClientOptions } from '../../client/options.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { handlerFetch } from '../support/handler-fetch.ts'
import { prompt, refuses, type Says, type ScriptedRegistry, scriptedRegistry } from './scripted-registry.ts'

const REF = 'support/triage'
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function localDir(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prompts-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

function client(registry: ScriptedRegistry, options: ClientOptions = {}): PromptRegistryClient {
  return new PromptRegistryClient({
    registryUrl: registry.url,
    fetch: registry.fetch,
    env: {},
    ttlMs: 0,
    ...options,
  })
}

async function failure(promise: Promise<unknown>): Promise<PromptResolutionError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isPromptResolutionError(error)) throw new Error('It did not fail as it should.', { cause: error })
  return error
}

const summary = ({ attempts }: PromptResolutionError) => attempts.map(({ tier, code }) => `${tier} ${code}`)

describe('a registry that answers', () => {
  test('gives the text', async () => {
    expect(await client(scriptedRegistry()).get(REF)).toBe('You sort tickets.')
  })

  test('gives everything that is known of it, and where it came from', async () => {
    const says = prompt({ variables: ['name'], config: { model: 'm' }, status: 'deprecated' })
    expect(await client(scriptedRegistry(says)).resolve(`${REF}@1.3.0`)).toEqual({
      reference: `${REF}@1.3.0`,
      text: 'You sort tickets.',
      promptId: REF,
      version: '1.3.0',
      release: null,
      status: 'deprecated',
      description: null,
      tags: [],
      variables: ['name'],
      config: { model: 'm' },
      format: null,
      templateLanguage: null,
      inputs: null,
      immutable: false,
      source: null,
      settling: false,
      archived: false,
      movedTo: null,
      tier: 'http',
      ageMs: 0,
      stale: false,
      reason: 'answered',
      attempts: [],
    })
  })

  test('is asked at every get if the TTL is 0', async () => {
    const registry = scriptedRegistry()
    const reader = client(registry)
    await reader.get(REF)
    registry.says(prompt({ content: 'New.' }))
    expect(await reader.get(REF)).toBe('New.')
    expect(registry.asked).toHaveLength(2)
  })

  test('is asked in the mode of the reader, and in none where there is none', async () => {
    const registry = scriptedRegistry()
    await client(registry).get(REF)
    await client(registry, { mode: 'backtest' }).get(REF)
    await client(registry, { env: { EXECUTION_MODE: 'paper' } }).get(REF)
    await client(registry, { mode: 'staging' }).get(REF, { mode: 'dev' })
    expect(registry.asked).toEqual([
      '/prompts/support/triage',
      '/prompts/support/triage?mode=simulation',
      '/prompts/support/triage?mode=staging',
      '/prompts/support/triage?mode=dev',
    ])
  })

  test('gets the token', async () => {
    let seen: unknown
    const fetch = async (url: string, init: RequestInit) => {
      seen = init.headers
      return prompt()(url)
    }
    const env = { PROMPT_REGISTRY_URL: 'http://registry.test', PROMPT_REGISTRY_TOKEN: 'tok-1' }
    await new PromptRegistryClient({ fetch, env }).get(REF)
    expect(seen).toMatchObject({ authorization: 'Bearer tok-1' })
  })

  test('may be in this process', async () => {
    const transport = createHttpTransport({ url: 'http://localhost', fetch: handlerFetch(prompt()) })
    const found = await new PromptRegistryClient({ transport, env: {} }).resolve(REF)
    expect(found).toMatchObject({ text: 'You sort tickets.', tier: 'in_process' })
  })

  test('may be an older one with another name for the text, and little else', async () => {
    for (const name of ['text', 'content', 'prompt_text', 'body']) {
      const registry = scriptedRegistry(() => Response.json({ [name]: 'Old.' }))
      expect(await client(registry).resolve(`${REF}@2.0`)).toMatchObject({
        text: 'Old.',
        promptId: REF,
        version: null,
        status: null,
      })
    }
  })

  test('is not believed when it answers without a text', async () => {
    for (const document of [{}, { content: '' }, { content: 1 }, []]) {
      const error = await failure(client(scriptedRegistry(() => Response.json(document))).get(REF))
      expect(summary(error)).toEqual(['http bad_answer'])
    }
  })
})

const OUTAGES: readonly (readonly [string, Says])[] = [
  ['unreachable', 'unreachable'],
  ['timeout', 'silence'],
  ['internal', refuses(500, 'internal')],
  ['text_missing', refuses(502, 'text_missing')],
  ['unavailable', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ['unavailable', refuses(503, 'unavailable')],
  ['busy', refuses(429, 'busy')],
  ['unauthorized', refuses(401, 'unauthorized')],
  ['forbidden', () => Response.json({ Message: 'Forbidden' }, { status: 403 })],
  ['route_not_found', () => new Response('nginx', { status: 404 })],
  ['bad_answer', () => new Response('<h1>Please log in</h1>')],
]

const ABSENCES: readonly (readonly [string, Says])[] = [
  ['not_found', refuses(404, 'not_found')],
  ['not_found', () => Response.json({ error: 'No such prompt.' }, { status: 404 })],
  ['not_released', refuses(404, 'not_released', { never: true })],
]

const REFUSALS: readonly (readonly [string, Says])[] = [
  ['revoked', refuses(404, 'revoked')],
  ['gone', refuses(410, 'gone')],
  ['not_released', refuses(404, 'not_released', { retired: '1.4.0' })],
  ['mode_not_allowed', refuses(403, 'mode_not_allowed')],
]

describe.each(OUTAGES)('a registry that does not answer the question (%s)', (code, outage) => {
  test('gives way to the local file', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const found = await client(scriptedRegistry(outage), { localDir: dir, timeoutMs: 1500 }).resolve(REF)
    expect(found).toMatchObject({
      text: 'From disk.',
      tier: 'local',
      version: null,
      status: null,
      reason: 'fallback',
      attempts: [{ tier: 'http', code }],
    })
  })

  test('gives way to what it last said, before the local file', async () => {
    let now = 1000
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const registry = scriptedRegistry()
    const reader = client(registry, { localDir: dir, timeoutMs: 1500, clock: () => now })
    await reader.get(REF)
    registry.says(outage)
    now += 5000
    expect(await reader.resolve(REF)).toMatchObject({
      text: 'You sort tickets.',
      version: '1.3.0',
      tier: 'http',
      stale: true,
      ageMs: 5000,
      reason: 'last_known_good',
      attempts: [{ tier: 'http', code }],
    })
  })

  test('is asked again a second later', async () => {
    let now = 0
    const registry = scriptedRegistry()
    const reader = client(registry, { timeoutMs: 100, clock: () => now })
    await reader.get(REF)
    registry.says(outage)
    await reader.get(REF)
    now += 1000
    registry.says(prompt({ content: 'New.' }))
    expect(await reader.resolve(REF)).toMatchObject({ text: 'New.', stale: false, ageMs: 0 })
  })
})

describe.each(ABSENCES)('a registry that does not have the prompt (%s)', (code, refusal) => {
  test('gives way to the local file, but not to what it said before', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const registry = scriptedRegistry()
    const reader = client(registry, { localDir: dir })
    await reader.get(REF)
    registry.says(refusal)
    expect(await reader.resolve(REF)).toMatchObject({
      text: 'From disk.',
      attempts: [{ tier: 'http', code }],
    })
  })

  test('does not give its former text when it goes down afterwards', async () => {
    const registry = scriptedRegistry()
    const reader = client(registry)
    await reader.get(REF)
    registry.says(refusal)
    await failure(reader.get(REF))
    registry.says('unreachable')
    expect(summary(await failure(reader.get(REF)))).toEqual(['http unreachable', `http ${code}`])
  })
})

describe.each(REFUSALS)('a registry that refuses the prompt (%s)', (code, refusal) => {
  test('ends the search: no local file is read', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const error = await failure(client(scriptedRegistry(refusal), { localDir: dir }).get(REF))
    expect(error.code).toBe(code)
    expect(summary(error)).toEqual([`http ${code}`])
  })

  test('does so too when it goes down afterwards', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const registry = scriptedRegistry()
    const reader = client(registry, { localDir: dir })
    await reader.get(REF)
    registry.says(refusal)
    await failure(reader.get(REF))
    registry.says('unreachable')
    const error = await failure(reader.get(REF))
    expect(error.code).toBe(code)
    expect(summary(error)).toEqual(['http unreachable', `http ${code}`])
  })
})

describe('a draft', () => {
  const draft = refuses(404, 'not_released', { never: true })

  test('that is pinned ends the search', async () => {
    const dir = await localDir({ 'support/triage@1.0.0.txt': 'From disk.' })
    const error = await failure(client(scriptedRegistry(draft), { localDir: dir }).get(`${REF}@1.0.0`))
    expect(error.code).toBe('not_released')
  })

  test('is not read from a file if localDraft is false', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const options = { localDir: dir, localDraft: false }
    for (const says of [draft, refuses(404, 'not_found')])
      await failure(client(scriptedRegistry(says), options).get(REF))
    expect(await client(scriptedRegistry('unreachable'), options).get(REF)).toBe('From disk.')
  })
})

describe('a revoked prompt', () => {
  const revoked = refuses(404, 'revoked')

  test('comes back when the registry gives a text again', async () => {
    const registry = scriptedRegistry(revoked)
    const reader = client(registry)
    await failure(reader.get(REF))
    registry.says(prompt({ version: '1.4.0' }))
    await reader.get(REF)
    registry.says('unreachable')
    expect(await reader.resolve(REF)).toMatchObject({ version: '1.4.0', stale: true })
  })

  test('is told by the status of an answer too', async () => {
    const error = await failure(client(scriptedRegistry(prompt({ status: 'revoked' }))).get(REF))
    expect(error.code).toBe('revoked')
  })
})

describe('what the registry last said', () => {
  test('is kept for each mode and each reference on its own', async () => {
    const registry = scriptedRegistry()
    const reader = client(registry)
    await reader.get(REF, { mode: 'dev' })
    registry.says('unreachable')
    await failure(reader.get(REF))
    await failure(reader.get(`${REF}@1.3.0`, { mode: 'dev' }))
    expect((await reader.resolve(REF, { mode: 'dev' })).stale).toBe(true)
  })

  test('is kept for so many references; the one used longest ago goes first', async () => {
    let now = 0
    const registry = scriptedRegistry()
    const reader = client(registry, { maxEntries: 2, clock: () => now })
    await reader.get('a')
    await reader.get('b')
    await reader.get('a')
    await reader.get('c')
    registry.says('unreachable')
    await reader.get('a')
    now += 1000
    await reader.get('c')
    now += 1000
    await failure(reader.get('b'))
  })

  test('does not come from local files', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const reader = client(scriptedRegistry('unreachable'), { localDir: dir })
    await reader.get(REF)
    await rm(join(dir, 'support/triage.txt'))
    expect(summary(await failure(reader.get(REF)))).toEqual(['http circuit_open', 'local no_file'])
  })
})

describe('a search without a text', () => {
  test('lists what each tier said, with the next move', async () => {
    const dir = await localDir({})
    const error = await failure(client(scriptedRegistry('unreachable'), { localDir: dir }).get(REF))
    expect(error.code).toBe('unavailable')
    expect(error.message).toBe(
      [
        'No tier can serve this prompt now: "support/triage".',
        '  http: The registry at http://registry.test could not be reached (ECONNREFUSED); check that it runs and that the address is right. [unreachable]',
        `  local: There is no file ${join(dir, 'support/triage.txt')}, nor one with another extension of prompt files. Write it, or run: promptctl export support/triage --dir ${dir} [no_file]`,
      ].join('\n'),
    )
    expect(error.attempts.map(({ code }) => code)).toEqual(['unreachable', 'no_file'])
    expect(error.cause).toBeInstanceOf(AggregateError)
  })

  test('says which variables could help', async () => {
    const error = await failure(new PromptRegistryClient({ env: {} }).get(REF))
    expect(error.message).toContain('PROMPT_REGISTRY_URL')
    expect(error.message).toContain('PROMPT_REGISTRY_LOCAL_DIR')
    expect(error.attempts).toEqual([])
  })

  test('never shows the token', async () => {
    const error = await failure(client(scriptedRegistry('unreachable'), { token: 'tok-77' }).get(REF))
    expect(`${error.message} ${JSON.stringify(error.attempts)}`).not.toContain('tok-77')
  })
})

describe('a wrong question fails before any tier is asked', () => {
  test.each(['', 'a/../b', '/etc/passwd', 'a@', 'a@stable', 'a/versions', '../a', 'a@1/2'])(
    'reference %j',
    async (reference) => {
      const registry = scriptedRegistry()
      const error = await failure(client(registry).get(reference))
      expect(error.code).toBe('invalid_reference')
      expect(error.message).toContain(`"${reference}"`)
      expect(registry.asked).toEqual([])
    },
  )

  test('mode', async () => {
    const registry = scriptedRegistry()
    expect((await failure(client(registry).get(REF, { mode: 'prod' as 'dev' }))).code).toBe('invalid_mode')
    expect(registry.asked).toEqual([])
  })
})

describe('the deadline', () => {
  test('covers all tiers, and leaves time for the local file', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const reader = client(scriptedRegistry('silence'), { localDir: dir, timeoutMs: 1500 })
    expect(await reader.get(REF)).toBe('From disk.')
  })

  test('ends a search in which nothing answers', async () => {
    const error = await failure(
      client(scriptedRegistry('silence'), { timeoutMs: 50, clock: () => 0 }).get(REF),
    )
    expect(summary(error)).toEqual(['http timeout'])
    expect(error.attempts[0]?.message).toBe(
      'The registry at http://registry.test did not answer in full within 50 ms.',
    )
  })

  test('covers the body', async () => {
    const stalled = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
    const error = await failure(client(scriptedRegistry(stalled), { timeoutMs: 50 }).get(REF))
    expect(summary(error)).toEqual(['http timeout'])
  })
})

describe('a signal', () => {
  test('ends the search at once, without a fallback', async () => {
    const dir = await localDir({ 'support/triage.txt': 'From disk.' })
    const registry = scriptedRegistry()
    const reader = client(registry, { localDir: dir })
    await reader.get(REF)
    registry.says('silence')
    const controller = new AbortController()
    const outcome = failure(reader.get(REF, { signal: controller.signal }))
    controller.abort(new Error('enough'))
    const error = await outcome
    expect(error.code).toBe('aborted')
    expect(error.cause).toEqual(new Error('enough'))
  })

  test('aborted beforehand asks nobody', async () => {
    const registry = scriptedRegistry()
    const error = await failure(client(registry).get(REF, { signal: AbortSignal.abort() }))
    expect(error.code).toBe('aborted')
    expect(registry.asked).toEqual([])
  })
})

test('a reference that is not a string is a mistake of the program', async () => {
  const reader = client(scriptedRegistry())
  for (const wrong of [undefined, null, 1, {}])
    await expect(reader.get(wrong as unknown as string)).rejects.toThrow(TypeError)
})

test('an option of a call that does not exist is refused', async () => {
  const wrong = { TTL: 5 } as object
  expect((await failure(client(scriptedRegistry()).get(REF, wrong))).code).toBe('invalid_configuration')
})
