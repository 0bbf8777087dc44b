import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createPublishing } from '../../../controller/lambda/publishing.ts'
import { describeOnAws, moto } from '../../support/aws/moto.ts'
import { createRepository } from '../../support/git-repository.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { makeCli } from '../cli/cli-under-test.ts'
import { controllerUnderTest } from './controller-under-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

let platforms = 0

/** Emulated AWS with a bus, whose events a queue gets, and the bucket with the position, as Terraform creates it. */
async function platform() {
  const endpoint = `http://127.0.0.1:${(await moto()).port}`
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  const bucket = `sources-${++platforms}`
  const bus = `bus-${platforms}`
  const queue = `events-${platforms}`
  const s3 = new S3Client({ forcePathStyle: true })
  const bridge = new EventBridgeClient({})
  onTestFinished(() => {
    s3.destroy()
    bridge.destroy()
  })
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'events/position.json', Body: 'null' }))
  await bridge.send(new CreateEventBusCommand({ Name: bus }))
  const { QueueUrl } = await sqs(endpoint, 'CreateQueue', { QueueName: queue })
  const rule = { Name: 'all', EventBusName: bus }
  await bridge.send(new PutRuleCommand({ ...rule, EventPattern: '{"source":["prompt-registry"]}' }))
  const Arn = `arn:aws:sqs:us-east-1:123456789012:${queue}`
  await bridge.send(
    new PutTargetsCommand({ Rule: 'all', EventBusName: bus, Targets: [{ Id: 'queue', Arn }] }),
  )
  const received = async (): Promise<BusEvent[]> => {
    const events: BusEvent[] = []
    for (;;) {
      const { Messages = [] } = await sqs(endpoint, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 })
      if (Messages.length === 0) return events
      events.push(...Messages.map(({ Body }) => JSON.parse(Body) as BusEvent))
    }
  }
  return { s3, bucket, bus, received }
}

interface BusEvent {
  readonly 'detail-type': string
  readonly source: string
  readonly time: string
  readonly detail: { readonly id: string; readonly subject: string; readonly specversion: string }
}

interface SqsAnswer {
  readonly QueueUrl?: string
  readonly Messages?: readonly { readonly Body: string }[]
}

/** The emulator only reads the name of the service from the signature. */
async function sqs(endpoint: string, action: string, body: object): Promise<SqsAnswer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260131/us-east-1/sqs/aws4_request',
    },
    body: JSON.stringify(body),
  })
  return (await response.json()) as SqsAnswer
}

describeOnAws('events of the controller on AWS', () => {
  test('reach the bus once, from the position in the bucket', async () => {
    const { s3, bucket, bus, received } = await platform()
    const repository = await createRepository(await scratchFolder())
    const controller = await controllerUnderTest([{ name: 'demo', repository: repository.path }], {
      publisher: {
        publish: async (signal) => await publisher?.publish(signal),
        passed: async (reports, signal) => await publisher?.passed(reports, signal),
      },
    })
    const runtime = { random: () => 0.5, pause: async () => {} }
    const publisher = createPublishing({
      ...{ eventBus: bus, s3, bucket, runtime },
      api: { feed: (query) => controller.api.feed(query) },
    })
    await repository.commit({ 'prompts/a.md': 'a', 'prompts/bad.md': '---\na: [\n---\nx' })
    await controller.ask({ action: 'schedule' })
    expect(await received()).toEqual([])

    await repository.tag('v1.0.0')
    await controller.ask({ action: 'sync' })
    await controller.ask({ action: 'schedule' })
    await controller.ask({ action: 'schedule' })
    await controller.ask({ action: 'sync' })
    const events = await received()
    expect(controller.told.problems).toEqual([])
    expect(events.map((event) => [event['detail-type'], event.source, event.detail.subject])).toEqual([
      ['prompt-registry.source.quarantined', 'prompt-registry', 'demo'],
      ['prompt-registry.source.not_ready', 'prompt-registry', 'demo'],
      ['prompt-registry.prompt.released', 'prompt-registry', 'a'],
    ])
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'events/position.json' }))
    const position = JSON.parse((await object.Body?.transformToString()) ?? '')
    expect(position).toMatchObject({
      cursor: expect.any(String),
      marks: { demo: { notReady: 'Quarantined' } },
    })
  })

  test('a replay sends the feed of a registry to the bus', async () => {
    const { bus, received } = await platform()
    const { run, withApi } = await makeCli()
    await withApi(async (api) => {
      const { version } = await api.push({ prompt_id: 'a', content: 'a' })
      await api.promote('a', { version })
    })
    const { code, out } = await run(['events', '--replay', '--event-bus', bus])
    expect([code, out]).toEqual([0, `Sent 1 event to the event bus ${bus}.\n`])
    expect((await received()).map(({ detail }) => detail.subject)).toEqual(['a'])
  })

  test('a bucket without the position is reported, and the passes go on', async () => {
    const { s3, bus } = await platform()
    const repository = await createRepository(await scratchFolder())
    await repository.commit({ 'prompts/a.md': 'a' })
    const controller = await controllerUnderTest([{ name: 'demo', repository: repository.path }], {
      publisher: createPublishing({
        ...{
          eventBus: bus,
          s3,
          bucket: 'elsewhere',
          runtime: { random: () => 0.5, pause: async () => {} },
        },
        api: { feed: async () => ({ events: [], next_cursor: null, more: false }) },
      }),
    })
    expect(await controller.ask({ action: 'sync' })).toMatchObject({ passes: [{ result: 'synced' }] })
    expect(controller.told.problems).toMatchObject([
      {
        error: {
          message: expect.stringMatching(
            /^The position s3:\/\/elsewhere\/events\/position\.json cannot be used \(/,
          ),
        },
      },
    ])
  })
})
