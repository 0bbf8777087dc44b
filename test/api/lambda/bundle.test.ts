import { readdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundleLambda, LAMBDAS, NOTICES } from '../../../scripts/bundle.ts'
import { codeOf, registryBundle, startFiles } from '../../support/lambda/bundles.ts'
import { coldStart } from '../../support/lambda/cold-start.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { directPayload } from '../../support/lambda/events.ts'
import { readZip } from '../../support/lambda/unzip.ts'
import { scratchFolder } from '../../support/scratch.ts'

const CONFIGURED = { DYNAMODB_TABLE: 'prompts', S3_BUCKET: 'prompt-texts' }

async function invoked(env: Readonly<Record<string, string>>) {
  const { zip } = await registryBundle()
  const endpoint = await startLambdaEndpoint({ functions: { registry: { zip, env } } })
  onTestFinished(endpoint.close)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new LambdaClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials })
  const send = async (event: unknown) => {
    const Payload = Buffer.from(JSON.stringify(event))
    const answer = await client.send(new InvokeCommand({ FunctionName: 'registry', Payload }))
    expect(answer.FunctionError).toBeUndefined()
    const { statusCode, body } = JSON.parse(Buffer.from(answer.Payload ?? '').toString())
    return { status: statusCode, document: JSON.parse(body) }
  }
  return { send, logs: () => endpoint.logs('registry').map((line) => JSON.parse(line)) }
}

describe('the bundle', () => {
  test('is one zip with all its files and the licences of its packages, below a size limit', async () => {
    const { file, zip, bytes } = await registryBundle()
    const files = readZip(await readFile(zip))
    const names = (await readdir(dirname(file))).filter((name) => name.endsWith('.mjs')).sort()
    expect([...files.keys()]).toEqual([...names, NOTICES])
    expect(String(files.get(NOTICES))).toMatch(
      /\nhono \d+\.\d+\.\d+ \(MIT\)\n[\s\S]+Permission is hereby granted/,
    )
    expect(files.get('index.mjs')?.equals(await readFile(file))).toBe(true)
    expect(bytes).toBeLessThan(980_000)
  })

  test('loads few files with few bytes at a cold start', async () => {
    const { bytes, files } = await startFiles((await registryBundle()).file)
    expect(bytes).toBeLessThan(490_000)
    expect(files).toBeLessThan(16)
  })

  test.each(['', 'mode=production', 'version=1.0.0&mode=staging'])(
    'loads nothing more for a first resolve with the query "%s", not even fetch',
    async (query) => {
      const { file } = await registryBundle()
      const { status, document, onDemand, builtins } = await coldStart(file, '/prompts/a', query)
      expect([status, document]).toEqual([200, expect.objectContaining({ content: 'You sort tickets.' })])
      expect(onDemand).toEqual([])
      expect(builtins).toContain('https')
      expect(builtins).not.toContain('internal/deps/undici/undici')
    },
  )

  test('loads the schemas for a parameter that has to be validated', async () => {
    const { file } = await registryBundle()
    const { status, onDemand } = await coldStart(file, '/prompts/a', 'front_matter=false')
    expect([status, onDemand]).toEqual([200, expect.arrayContaining([expect.stringMatching(/^schemas-/)])])
  })

  test('is reproducible, byte for byte', async () => {
    const again = await bundleLambda('registry', LAMBDAS.registry, await scratchFolder())
    const { zip } = await registryBundle()
    expect((await readFile(again.zip)).equals(await readFile(zip))).toBe(true)
  })

  test('contains nothing about the machine that built it', async () => {
    const text = (await codeOf((await registryBundle()).file)).join()
    expect(text).not.toContain(process.cwd())
    expect(text).not.toContain('node_modules')
  })

  test('serves the OpenAPI document from the function', async () => {
    const { send } = await invoked(CONFIGURED)
    const { status, document } = await send(directPayload({ path: '/openapi.json' }))
    expect([status, document.openapi]).toEqual([200, '3.1.1'])
    const { openApiDocument } = await import('../../../api/http/routes/index.ts')
    expect(document).toEqual(JSON.parse(JSON.stringify(await openApiDocument())))
  })

  test('validates as the sources do', async () => {
    const { send } = await invoked(CONFIGURED)
    const body = JSON.stringify({ prompt_id: 'a', content: 1, overide: true })
    const { status, document } = await send(directPayload({ method: 'POST', path: '/prompts', body }))
    expect([status, document.details.issues]).toEqual([
      400,
      [
        { field: 'content', problem: 'expected a string, got a number' },
        { field: 'overide', problem: expect.stringContaining('unknown field') },
      ],
    ])
  })
})

describe('the function in its log', () => {
  test('has a line with metrics per request, and one per refusal', async () => {
    const { send, logs } = await invoked({ ...CONFIGURED, READ_ONLY: 'true' })
    await send(directPayload({ path: '/openapi.json' }))
    await send(directPayload({ method: 'POST', path: '/prompts', body: '{}' }))
    await expect.poll(logs).toHaveLength(3)
    const [first, line, second] = logs()
    expect(first).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'PromptRegistry', Dimensions: [['service']] }] },
      service: 'registry',
      operation: 'describeApi',
      Requests: 1,
      Errors: 0,
    })
    expect(line).toMatchObject({
      level: 'INFO',
      message: 'request',
      service: 'registry',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      actor: 'lambda:direct-invoke',
      method: 'POST',
      path: '/prompts',
      operation: 'pushVersion',
      status: 403,
    })
    expect(second).toMatchObject({ operation: 'pushVersion', Requests: 1, Errors: 0 })
  })

  test('names a missing variable, unlike the response', async () => {
    const { send, logs } = await invoked({ DYNAMODB_TABLE: 'prompts' })
    const { status, document } = await send(directPayload({ path: '/health' }))
    expect([status, document.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(document)).not.toContain('S3_BUCKET')
    await expect.poll(logs).toHaveLength(1)
    expect(logs()[0]).toMatchObject({
      level: 'ERROR',
      request_id: document.details.request_id,
      error: { message: expect.stringContaining('S3_BUCKET: It is not set') },
    })
  })

  test('can be silent', async () => {
    const { send, logs } = await invoked({ ...CONFIGURED, LOG_LEVEL: 'silent' })
    await send(directPayload({ path: '/nothing' }))
    await send(directPayload({ path: '/openapi.json' }))
    await expect.poll(logs).toHaveLength(2)
    expect(logs().every((line) => '_aws' in line)).toBe(true)
  })
})
