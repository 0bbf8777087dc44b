import { z } from 'zod'

const sources = z.array(z.string().min(1)).max(1000)

/** The events of the controller function. */
const EventSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('schedule'),
    /** The scheduled minute, if the scheduler sends it. Default: now. */
    at: z.iso.datetime().optional(),
  }),
  z.strictObject({ action: z.literal('pass'), sources: sources.min(1) }),
  z.strictObject({
    action: z.literal('sync'),
    /** Default: all sources. */
    sources: sources.default([]),
    full: z.boolean().default(false),
    confirm: z.boolean().default(false),
  }),
])

export type ControllerEvent = z.output<typeof EventSchema>
/** A round over these sources, which Lambda runs asynchronously. */
export type PassEvent = Extract<ControllerEvent, { action: 'pass' }>

/** An invalid event. */
export class EventError extends Error {
  readonly code = 'invalid_request'

  constructor(problem: string) {
    super(
      `Invalid event for the controller (${problem}). Send {"action": "sync"}, with "sources", "full" or "confirm" as needed.`,
    )
    this.name = 'EventError'
  }
}

/** Throws `EventError`. */
export function readEvent(event: unknown): ControllerEvent {
  const parsed = EventSchema.safeParse(event)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') || 'the event'
  throw new EventError(`${place}: ${issue?.message ?? 'invalid'}`)
}

/** Whether the event is a deployment's health check: the bare payload of `GET /health`. */
export function asksForHealth(event: unknown): boolean {
  return event !== null && typeof event === 'object' && 'rawPath' in event && event.rawPath === '/health'
}
