import type { Notification } from './notification.ts'

/** Turns notifications into entries of Amazon EventBridge. Pure. */

/** An entry for `PutEvents`. The detail is the whole CloudEvent as JSON. */
export interface BusEntry {
  readonly Source: typeof BUS_SOURCE
  readonly DetailType: string
  readonly Detail: string
  readonly Time: Date
}

/** For patterns of rules. EventBridge keeps `aws.` for itself. */
export const BUS_SOURCE = 'prompt-registry'

/** The limits of one call: 10 entries, and 256 KB of all entries together. */
export const MOST = { entries: 10, bytes: 256 * 1024 }
const TIME_BYTES = 14

export function entryOf(notification: Notification): BusEntry {
  const whole = entry(notification)
  if (bytesOf(whole) <= MOST.bytes) return whole
  const { details: _, files: __, message: ___, ...data } = notification.data
  return entry({ ...notification, data: { ...data, truncated: true } })
}

function entry(notification: Notification): BusEntry {
  return {
    Source: BUS_SOURCE,
    DetailType: notification.type,
    Detail: JSON.stringify(notification),
    Time: new Date(notification.time),
  }
}

/** In order, as many in each call as it takes. */
export function callsOf(entries: readonly BusEntry[]): BusEntry[][] {
  const calls: BusEntry[][] = []
  let bytes = 0
  for (const one of entries) {
    const last = calls.at(-1)
    bytes += bytesOf(one)
    if (last !== undefined && last.length < MOST.entries && bytes <= MOST.bytes) last.push(one)
    else {
      calls.push([one])
      bytes = bytesOf(one)
    }
  }
  return calls
}

/** As EventBridge counts. */
export function bytesOf({ Source, DetailType, Detail }: BusEntry): number {
  const texts = [Source, DetailType, Detail]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), TIME_BYTES)
}
