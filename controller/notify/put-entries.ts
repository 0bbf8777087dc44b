import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge'
import { scrubOf } from '../../client/transport/aws-credentials.ts'
import type { PutEntries } from './event-bus.ts'

/** Puts entries on a bus, by its name or ARN. Our own layer retries, so the SDK makes one attempt. */
export function createPutEntries(bus: string, config: EventBridgeClientConfig): PutEntries {
  const client = new EventBridgeClient({ ...config, maxAttempts: 1 })
  return async (entries, abortSignal) => {
    const Entries = entries.map((entry) => ({ ...entry, EventBusName: bus }))
    try {
      const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries }), { abortSignal })
      return entries.map((_, index) => problemOf(results[index]))
    } catch (error) {
      // The SDK's own error refers to the request, which has the session token.
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      const scrub = await scrubOf(client)
      throw new Error(`${name}: ${scrub(message)}`)
    }
  }
}

interface Result {
  readonly EventId?: string | undefined
  readonly ErrorCode?: string | undefined
  readonly ErrorMessage?: string | undefined
}

function problemOf({ EventId, ErrorCode, ErrorMessage }: Result = {}): string | null {
  if (ErrorCode !== undefined) return ErrorMessage === undefined ? ErrorCode : `${ErrorCode}: ${ErrorMessage}`
  return EventId === undefined ? 'the answer has no event id' : null
}
