import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createActionHandler } from '../../../api/lambda/actions.ts'
import { createRegistryApi } from '../../../client/registry-api.ts'
import { createLambdaTransport } from '../../../client/transport/lambda.ts'
import { describeOnAws } from '../../support/aws/moto.ts'
import { seed } from '../../support/aws/registry.ts'
import { ONE, seededWorld, THREE } from '../../support/aws/seeded-world.ts'
import { registryBundle } from '../../support/lambda/bundles.ts'
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts'

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

const answerOf = async () => ({ statusCode: 200, headers: {}, body: '', isBase64Encoded: false }) as const
const observer = { error: () => undefined, info: () => undefined, finished: () => undefined }

describe('an event with an action', () => {
  const handler = createActionHandler(answerOf, { adoptSeeded: undefined, observer, newId: () => 'id' })

  test('is refused by the reader', async () => {
    await expect(handler({ action: 'adopt' })).rejects.toThrow('Send {"action": "adopt"} to the writer.')
  })

  test('is refused if the action is unknown', async () => {
    await expect(handler({ action: 'delete' })).rejects.toThrow('Unknown action "delete".')
  })

  test.each([{}, { rawPath: '/health' }, { action: 7 }, null, 'adopt'])(
    'is not %j, which is handled as a request',
    async (event) => {
      expect(await handler(event)).toMatchObject({ statusCode: 200 })
    },
  )
})

describeOnAws('{"action": "adopt"}', () => {
  test('adopts what is seeded, and counts', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('support/a', ONE)
    await seed(world, 'not//an-id', ONE)
    await seed(world, 'b', ...THREE)
    const handler = createActionHandler(answerOf, {
      adoptSeeded: () => adoptSeeded,
      observer,
      newId: () => 'id',
    })
    expect(await handler({ action: 'adopt' })).toEqual({ adopted: 2, refused: 1, complete: true })
    expect((await admin.list()).prompts).toHaveLength(2)
    expect((await admin.events('b')).events[0]?.actor).toBe('lambda:adopt')
    expect(await handler({ action: 'adopt' })).toEqual({ adopted: 0, refused: 1, complete: true })
  })

  test('stops when time runs out, and continues the next time', async () => {
    const { world, admin, adoptSeeded } = await seededWorld('p0', ONE)
    for (let index = 1; index < 20; index++) await seed(world, `p${index}`, ONE)
    const handler = createActionHandler(answerOf, {
      adoptSeeded: () => adoptSeeded,
      observer,
      newId: () => 'id',
    })
    let looks = 0
    const context = { getRemainingTimeInMillis: () => (++looks > 3 ? 4_999 : 5_001) }
    const first = await handler({ action: 'adopt' }, context)
    expect(first).toMatchObject({ refused: 0, complete: false })
    const { adopted } = first as { adopted: number }
    expect(adopted).toBeGreaterThan(0)
    expect(await handler({ action: 'adopt' })).toMatchObject({ complete: true })
    expect((await admin.list()).prompts).toHaveLength(20)
    expect((await admin.list()).unadopted).toBeUndefined()
  })

  test('works in the bundle as the writer, but not as the reader or without time', async () => {
    const { world } = await seededWorld('support/a', ONE)
    const { zip } = await registryBundle()
    const env = {
      DYNAMODB_TABLE: world.table,
      S3_BUCKET: world.bucket,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: world.proxy.url,
    }
    const endpoint = await startLambdaEndpoint({
      functions: {
        writer: { zip, env },
        reader: { zip, env: { ...env, READ_ONLY: 'true' } },
        hasty: { zip, env, timeoutMs: 5_000 },
      },
    })
    onTestFinished(endpoint.close)
    const sdk = { endpoint: endpoint.url, region: 'eu-west-1', credentials: CREDENTIALS }
    const client = new LambdaClient(sdk)
    const adopt = async (FunctionName: string) => {
      const Payload = Buffer.from('{"action": "adopt"}')
      const answer = await client.send(new InvokeCommand({ FunctionName, Payload }))
      const document = JSON.parse(Buffer.from(answer.Payload ?? '').toString())
      return answer.FunctionError === undefined ? document : document.errorMessage
    }
    expect(await adopt('reader')).toContain('This function only reads.')
    expect(await adopt('hasty')).toEqual({ adopted: 0, refused: 0, complete: false })
    world.proxy.fault = () => 'break'
    expect(await adopt('writer')).toMatch(/^The seeded prompts were not adopted: .* under [0-9a-f-]{36}\.$/)
    world.proxy.fault = null
    expect(await adopt('writer')).toEqual({ adopted: 1, refused: 0, complete: true })
    const reader = createRegistryApi(createLambdaTransport({ functionName: 'reader', sdk }))
    expect((await reader.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(['support/a'])
    const messages = endpoint.logs('writer').map((line) => JSON.parse(line).message)
    expect(messages).toContain('the seeded prompts were not adopted')
    expect(messages).toContain('adopted seeded prompts')
  })
})
