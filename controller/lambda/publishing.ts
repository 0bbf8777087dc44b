import type { S3Client } from '@aws-sdk/client-s3'
import { createBusSender } from '../notify/event-bus.ts'
import { createPublisher, type Publisher, type PublisherInput } from '../notify/publisher.ts'
import { once } from '../values/once.ts'
import type { Runtime } from '../values/runtime.ts'
import { PATIENCE } from './aws/patience.ts'
import { createPositions } from './aws/position.ts'

export interface PublishingInput extends Pick<PublisherInput, 'api'> {
  /** `null`: nothing is sent. */
  readonly eventBus: string | null
  readonly s3: S3Client
  readonly bucket: string
  readonly runtime: Pick<Runtime, 'pause' | 'random'>
}

/** The Terraform module creates this object, and allows the function to write it and no other. */
const POSITION_KEY = 'events/position.json'

/** Loads the AWS SDK of EventBridge on first use. */
export function createPublishing({
  eventBus,
  s3,
  bucket,
  runtime,
  api,
}: PublishingInput): Publisher | undefined {
  if (eventBus === null) return undefined
  const put = once(async () =>
    (await import('../notify/put-entries.ts')).createPutEntries(eventBus, PATIENCE),
  )
  const send = createBusSender(async (entries, signal) => (await put())(entries, signal), runtime)
  return createPublisher({ api, send, positions: createPositions(s3, { bucket, key: POSITION_KEY }) })
}
