import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { isPromptResolutionError } from '../../client/errors.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'
import { scratchFolder } from '../support/scratch.ts'
import { prompt, scriptedRegistry } from './scripted-registry.ts'

/** The function answers what the reference says it should. */
const FUNCTION = `
  const ref = decodeURIComponent(event.rawPath.replace('/prompts/', ''))
  if (ref === 'crash') process.exit(1)
  if (ref === 'revoked' || ref === 'not_found')
    return { statusCode: 404, body: JSON.stringify({ error: 'It is so.', code: ref }) }
  const mode = event.queryStringParameters?.mode ?? 'none'
  const content = 'from the function, ' + ref + ', ' + mode
  return { statusCode: 200, body: JSON.stringify({ prompt_id: ref.split('@')[0], version: '1.0.0', status: 'stable', content }) }`

// The SDK reads the environment of the process, as in an agent.
beforeEach(async () => {
  const endpoint = await startLambdaEndpoint({
    functions: { registry: { bundle: await writeFunction(FUNCTION) } },
  })
  for (const [name, value] of Object.entries(endpoint.env)) vi.stubEnv(name, value)
  return async () => {
    vi.unstubAllEnvs()
    await endpoint.close()
  }
})

async function localDir(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await scratchFolder()
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const attemptsOf = async (promise: Promise<unknown>) => {
  const error = await promise.catch((thrown) => thrown)
  if (!isPromptResolutionError(error)) throw new Error('It did not fail as it should.', { cause: error })
  return { code: error.code, attempts: error.attempts.map(({ tier, code }) => `${tier} ${code}`) }
}

test('the function is asked first, in the mode of the reader', async () => {
  const registry = scriptedRegistry()
  const { fetch, url: registryUrl } = registry
  const client = new PromptRegistryClient({
    functionName: 'registry',
    registryUrl,
    fetch,
    mode: 'paper',
    env: {},
  })
  expect(await client.resolve('a/b@1.0.0')).toMatchObject({
    text: 'from the function, a/b@1.0.0, staging',
    tier: 'lambda',
    version: '1.0.0',
    reason: 'answered',
    attempts: [],
  })
  expect(registry.asked).toEqual([])
})

test('its variable names it', async () => {
  const client = new PromptRegistryClient({ env: { PROMPT_REGISTRY_FUNCTION: 'registry' } })
  expect(await client.get('a')).toBe('from the function, a, none')
})

describe('a function that fails', () => {
  test('gives way to the URL', async () => {
    const { fetch, url: registryUrl } = scriptedRegistry(prompt({ content: 'from the URL' }))
    const client = new PromptRegistryClient({ functionName: 'registry', registryUrl, fetch, env: {} })
    expect(await client.resolve('crash')).toMatchObject({
      text: 'from the URL',
      tier: 'http',
      reason: 'fallback',
      attempts: [
        { tier: 'lambda', code: 'bad_answer', message: expect.stringContaining('Runtime.ExitError') },
      ],
    })
  })

  test('gives way to the local file', async () => {
    const folder = await localDir({ 'crash.txt': 'from the file', 'not_found.txt': 'also' })
    const client = new PromptRegistryClient({ functionName: 'registry', localDir: folder, env: {} })
    expect(await client.resolve('crash')).toMatchObject({ text: 'from the file', tier: 'local' })
    expect(await client.resolve('not_found')).toMatchObject({ text: 'also', tier: 'local' })
  })

  test('leaves time for the tiers after it', async () => {
    const never = await startLambdaEndpoint({
      functions: {
        registry: { bundle: await writeFunction('await new Promise(() => setInterval(() => 0, 99))') },
      },
    })
    onTestFinished(never.close)
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', never.url)
    const folder = await localDir({ 'a.txt': 'from the file' })
    const client = new PromptRegistryClient({
      functionName: 'registry',
      localDir: folder,
      timeoutMs: 1500,
      env: {},
    })
    const { tier, attempts } = await client.resolve('a')
    expect([tier, attempts.map(({ code }) => code)]).toEqual(['local', ['timeout']])
  })
})

test('what it revoked is not looked for elsewhere', async () => {
  const registry = scriptedRegistry()
  const folder = await localDir({ 'revoked.txt': 'the revoked text' })
  const { fetch, url: registryUrl } = registry
  const client = new PromptRegistryClient({
    functionName: 'registry',
    registryUrl,
    fetch,
    localDir: folder,
    env: {},
  })
  expect(await attemptsOf(client.get('revoked'))).toEqual({ code: 'revoked', attempts: ['lambda revoked'] })
  expect(registry.asked).toEqual([])
})

test('a search without a text lists what the function said', async () => {
  const client = new PromptRegistryClient({ functionName: 'nobody', env: {} })
  expect(await attemptsOf(client.get('a'))).toEqual({
    code: 'unavailable',
    attempts: ['lambda unreachable'],
  })
})
