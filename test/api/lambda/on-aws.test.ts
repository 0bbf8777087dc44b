import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import { PromptRegistryClient } from '../../../client/node-client.ts'
import { createRegistryApi } from '../../../client/registry-api.ts'
import { createHttpTransport } from '../../../client/transport/http.ts'
import { createLambdaTransport } from '../../../client/transport/lambda.ts'
import { describeOnAws } from '../../support/aws/moto.ts'
import { makeWorld } from '../../support/aws/world.ts'
import { registryBundle } from '../../support/lambda/bundles.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'

/** The emulator is slower than AWS. */
const LONG_TIMERS = `--import ${new URL('../../infra/support/long-timers.ts', import.meta.url).href}`
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

/** The bundle deployed twice, as writer and as reader, on a table and a bucket of the emulator. */
async function deployed(timeoutMs = 30_000, timers: Record<string, string> = { NODE_OPTIONS: LONG_TIMERS }) {
  const world = await makeWorld()
  onTestFinished(world.close)
  const { zip } = await registryBundle()
  const env = {
    DYNAMODB_TABLE: world.table,
    S3_BUCKET: world.bucket,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: world.proxy.url,
    ...timers,
  }
  const reader = { ...env, READ_ONLY: 'true', ALLOWED_MODES: 'staging,production' }
  const endpoint = await startLambdaEndpoint({
    functions: { writer: { zip, env, timeoutMs }, reader: { zip, env: reader, timeoutMs } },
  })
  onTestFinished(endpoint.close)
  const sdk = { endpoint: endpoint.url, region: 'eu-west-1', credentials: CREDENTIALS }
  const through = (functionName: string) => createLambdaTransport({ functionName, sdk })
  const overHttp = (name: string) =>
    createHttpTransport({
      url: endpoint.functionUrl(name),
      auth: 'iam',
      region: 'eu-west-1',
      credentials: CREDENTIALS,
      fetch,
    })
  return { world, endpoint, sdk, through, overHttp }
}

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => (error instanceof RegistryError ? error.code : error),
  )

describeOnAws('the functions on AWS', () => {
  test('a prompt goes from push to release to rollback, by URL and by invocation', async () => {
    const { through, overHttp } = await deployed()
    const direct = createRegistryApi(through('writer'))
    const signed = createRegistryApi(overHttp('writer'))
    expect(await direct.health()).toEqual({ status: 'ok' })

    const one = await direct.push({ prompt_id: 'support/triage', content: 'Grüße, "eins"\n' })
    expect(one).toMatchObject({ created: true, status: 'draft' })
    await signed.promote('support/triage', { version: one.version, alias: 'v1.3.0+eu' })
    const two = await signed.push({ prompt_id: 'support/triage', content: 'zwei' })
    expect((await direct.resolve('support/triage', { mode: 'dev' })).content).toBe('zwei')
    expect((await signed.resolve('support/triage')).content).toBe('Grüße, "eins"\n')
    expect((await signed.resolve('support/triage@1.3.0+eu')).version).toBe(one.version)
    expect((await direct.resolve('support/triage', { version: '1.3.0+eu' })).version).toBe(one.version)

    await direct.promote('support/triage', { version: two.version, alias: '1.4.0' })
    const { diff } = await signed.diff('support/triage', { v1: '1.3.0+eu', v2: 'stable' })
    expect(diff).toContain('-Grüße, "eins"')
    expect(await signed.rollback('support/triage', { reason: 'worse' })).toMatchObject({
      version: one.version,
    })
    const { events } = await direct.events('support/triage')
    expect(new Set(events.map(({ actor }) => actor))).toEqual(
      new Set(['lambda:direct-invoke', 'arn:aws:iam::123456789012:user/test (claimed)']),
    )
    const rolledBack = events.find(({ type }) => type === 'rolled_back')
    expect(rolledBack).toMatchObject({
      actor: 'arn:aws:iam::123456789012:user/test (claimed)',
      reason: 'worse',
    })
  })

  test('resolves with their latency, promotions and errors are counted', async () => {
    const { world, through, endpoint } = await deployed()
    const writer = createRegistryApi(through('writer'))
    const { version } = await writer.push({ prompt_id: 'a', content: 'text' })
    await writer.promote('a', { version, alias: '1.0.0' })
    await writer.promote('a', { version, alias: '1.0.0' })
    await writer.resolve('a')
    await writer.resolveMany({ references: ['a'] })
    world.proxy.fault = () => 'break'
    await refusal(writer.list())
    const metrics = () =>
      endpoint
        .logs('writer')
        .map((line) => JSON.parse(line))
        .filter((line) => '_aws' in line)
        .map(({ operation, Errors, Promotions, ResolveLatency }) => ({
          operation,
          Errors,
          ...(Promotions && { Promotions }),
          ...(ResolveLatency > 0 && { timed: true }),
        }))
    await expect.poll(metrics).toHaveLength(6)
    expect(metrics()).toEqual([
      { operation: 'pushVersion', Errors: 0 },
      { operation: 'promoteVersion', Errors: 0, Promotions: 1 },
      { operation: 'promoteVersion', Errors: 0 },
      { operation: 'resolvePrompt', Errors: 0, timed: true },
      { operation: 'resolvePrompts', Errors: 0, timed: true },
      { operation: 'listPrompts', Errors: 1 },
    ])
  })

  test('the reader serves reads, but no writes and no drafts', async () => {
    const { through, overHttp } = await deployed()
    const writer = createRegistryApi(through('writer'))
    const released = await writer.push({ prompt_id: 'a', content: 'released' })
    await writer.promote('a', { version: released.version, alias: '1.0.0' })
    const draft = await writer.push({ prompt_id: 'a', content: 'the draft' })
    for (const reader of [through('reader'), overHttp('reader')].map(createRegistryApi)) {
      expect((await reader.resolve('a')).content).toBe('released')
      expect(await refusal(reader.resolve('a', { mode: 'dev' }))).toBe('mode_not_allowed')
      expect(await refusal(reader.resolve(`a@${draft.version}`))).toBe('not_released')
      expect(await refusal(reader.promote('a', { version: draft.version }))).toBe('read_only')
    }
    expect((await writer.resolve('a')).content).toBe('released')
  })

  test('an agent resolves through the function, and through the URL when the function fails', async () => {
    const { through, endpoint, world } = await deployed()
    const writer = createRegistryApi(through('writer'))
    const { version } = await writer.push({ prompt_id: 'a', content: 'text' })
    await writer.promote('a', { version })
    const saved = { ...process.env }
    onTestFinished(() => {
      process.env = saved
    })
    // The SDK reads the process environment, as it does in an agent.
    process.env = { ...saved, ...endpoint.env }
    const env = {
      ...endpoint.env,
      PROMPT_REGISTRY_FUNCTION: 'reader',
      PROMPT_REGISTRY_URL: endpoint.functionUrl('reader'),
      PROMPT_REGISTRY_AUTH: 'iam',
      EXECUTION_MODE: 'live',
    }
    const client = new PromptRegistryClient({ env, ttlMs: 0 })
    expect(await client.resolve('a')).toMatchObject({ text: 'text', tier: 'lambda', reason: 'answered' })

    const misnamed = new PromptRegistryClient({ env: { ...env, PROMPT_REGISTRY_FUNCTION: 'nobody' } })
    expect(await misnamed.resolve('a')).toMatchObject({
      text: 'text',
      tier: 'http',
      reason: 'fallback',
      attempts: [{ tier: 'lambda', code: 'unreachable' }],
    })
    world.proxy.fault = () => 'break'
    expect(await client.resolve('a', { ttlMs: 0 })).toMatchObject({
      text: 'text',
      reason: 'last_known_good',
      stale: true,
    })
  })

  test("a seeded prompt resolves with the platform's payload", async () => {
    const { world, sdk } = await deployed()
    const { direct, table: TableName, bucket: Bucket } = world
    const Item = {
      prompt_key: { S: 'agents/seeded' },
      version: { S: '1.0.0' },
      status: { S: 'stable' },
      s3_key: { S: 'agents/seeded/1.0.0.txt' },
    }
    await direct.dynamodb.send(new PutItemCommand({ TableName, Item }))
    await direct.s3.send(
      new PutObjectCommand({ Bucket, Key: 'agents/seeded/1.0.0.txt', Body: 'From Terraform.' }),
    )
    const path = '/prompts/agents/seeded'
    const Payload = Buffer.from(
      `{"rawPath": "${path}", "requestContext": {"http": {"method": "GET", "path": "${path}"}}}`,
    )
    const answer = await new LambdaClient(sdk).send(new InvokeCommand({ FunctionName: 'reader', Payload }))
    const { statusCode, body } = JSON.parse(Buffer.from(answer.Payload ?? '').toString())
    expect([statusCode, JSON.parse(body).content]).toEqual([200, 'From Terraform.'])
  })

  test('a store that hangs does not get the function killed: the caller is asked to retry', async () => {
    const { world, sdk, endpoint, through } = await deployed(5_000, {})
    for (const name of ['reader', 'writer']) await createRegistryApi(through(name)).health()
    world.proxy.fault = () => 'hang'
    for (const [FunctionName, method, path] of [
      ['reader', 'GET', '/prompts/a'],
      ['writer', 'POST', '/batch'],
    ] as const) {
      const body = JSON.stringify({ operations: [{ op: 'push', prompt_id: 'a', content: 'text' }] })
      const event = {
        rawPath: path,
        requestContext: { http: { method, path } },
        ...(method === 'POST' && { body }),
      }
      const Payload = Buffer.from(JSON.stringify(event))
      const answer = await new LambdaClient(sdk).send(new InvokeCommand({ FunctionName, Payload }))
      expect(answer.FunctionError).toBeUndefined()
      const { statusCode, headers, body: text } = JSON.parse(Buffer.from(answer.Payload ?? '').toString())
      if (method === 'GET') {
        expect([statusCode, headers['retry-after'], JSON.parse(text).code]).toEqual([503, '1', 'busy'])
      } else {
        expect([statusCode, JSON.parse(text).outcomes[0]?.code]).toEqual([200, 'busy'])
      }
    }
    expect(endpoint.coldStarts('reader') + endpoint.coldStarts('writer')).toBe(2)
  })

  test('a store that does not respond is reported and logged', async () => {
    const { world, through, endpoint } = await deployed()
    world.proxy.fault = () => 'break'
    const reader = createRegistryApi(through('reader'))
    expect(await refusal(reader.resolve('a'))).toBe('unavailable')
    expect(await refusal(reader.health())).toBe('unavailable')
    await expect
      .poll(() => endpoint.logs('reader').filter((line) => line.includes('"ERROR"')))
      .toHaveLength(2)
  })
})
