import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const NODE = join('node_modules', '.bin', 'node')

/** What a fresh process loads when it runs the code, as paths or `node:` names. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    ${code}
    console.log(JSON.stringify(loaded))`
  const { stdout } = await promisify(execFile)(NODE, ['--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

const packagesIn = (urls: readonly string[]) => [
  ...new Set(urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
]

/** A program that has it has loaded it already. */
const IF_INSTALLED = ['@opentelemetry/api']

describe('the client stays light', () => {
  test('importing it loads no package at all', async () => {
    const loaded = await loadedBy(`await import('./client/index.ts')`)
    expect(loaded.some((url) => url.endsWith('/client/node-client.ts'))).toBe(true)
    expect(packagesIn(loaded)).toEqual([])
  })

  test('using it without a blueprint loads no package either, but OpenTelemetry if it is there', async () => {
    const loaded = await loadedBy(`
      const { PromptRegistryClient } = await import('./client/index.ts')
      await new PromptRegistryClient({ registryUrl: 'http://127.0.0.1:9', localDir: '.', env: {} }).get('a').catch(() => 0)`)
    expect(packagesIn(loaded)).toEqual(IF_INSTALLED)
  })

  test('the AWS SDK is loaded by the first request that needs it, and not before', async () => {
    const client = `const { PromptRegistryClient } = await import('./client/index.ts')
      const env = { PROMPT_REGISTRY_FUNCTION: 'registry' }`
    expect(packagesIn(await loadedBy(`${client}; new PromptRegistryClient({ env })`))).toEqual([])
    const asked = await loadedBy(`${client}
      process.env.AWS_ENDPOINT_URL_LAMBDA = 'http://127.0.0.1:9'
      process.env.AWS_REGION = 'eu-west-1'
      await new PromptRegistryClient({ env }).get('a').catch(() => 0)`)
    expect(packagesIn(asked)).toContain('@aws-sdk/client-lambda')
  })

  test('what signs requests is loaded by the first one that is signed, without a client of AWS', async () => {
    const registryUrl = 'https://x.lambda-url.eu-west-1.on.aws'
    const client = `const { PromptRegistryClient } = await import('./client/index.ts')
      const fetch = async () => { throw new Error('no network') }
      const client = new PromptRegistryClient({ registryUrl: '${registryUrl}', fetch, env: {} })`
    expect(packagesIn(await loadedBy(client))).toEqual([])
    const asked = packagesIn(
      await loadedBy(`${client}
      process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'test'
      await client.get('a').catch(() => 0)`),
    )
    expect(asked).toContain('@smithy/signature-v4')
    expect(asked.filter((name) => name.startsWith('@aws-sdk/client-'))).toEqual([])
  })

  test('a blueprint loads the libraries of documents, and nothing else', async () => {
    const loaded = await loadedBy(`
      const { PromptRegistryClient } = await import('./client/index.ts')
      await new PromptRegistryClient({ env: {} }).loadBlueprint('examples/agent/blueprint.yaml').catch(() => 0)`)
    expect(packagesIn(loaded).sort()).toEqual([...IF_INSTALLED, 'smol-toml', 'yaml'])
  })

  test('of the registry it loads only the contract, without the schemas', async () => {
    const loaded = await loadedBy(`await import('./client/index.ts')`)
    const ofApi = loaded.flatMap((url) => /\/(api\/.*)$/.exec(url)?.[1] ?? [])
    expect(ofApi.length).toBeGreaterThan(0)
    expect(ofApi.filter((path) => !path.startsWith('api/contract/'))).toEqual([])
    expect(ofApi.filter((path) => path.startsWith('api/contract/schemas'))).toEqual([])
  })
})

test('only one file of the client reaches for the environment, the clock and the network', async () => {
  const files = (await readdir('client', { recursive: true })).filter((path) => path.endsWith('.ts'))
  const reaching: string[] = []
  for (const path of files) {
    const code = await readFile(join('client', path), 'utf8')
    if (/process\.env|globalThis|Date\.now|new Date|Math\.random|performance\./.test(code))
      reaching.push(path)
  }
  expect(reaching).toEqual(['ambient.ts'])
})
