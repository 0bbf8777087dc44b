import { z } from 'zod'

const sources = z.array(z.string().min(1)).max(1000)

/** What the controller's function can be asked for. */
const EventSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('schedule'),
    /** The minute that it is about, where the schedule says it. */
    at: z.iso.datetime().optional(),
  }),
  z.strictObject({ action: z.literal('pass'), sources: sources.min(1) }),
  z.strictObject({
    action: z.literal('sync'),
    /** All where none is named. */
    sources: sources.default([]),
    full: z.boolean().default(false),
    confirm: z.boolean().default(false),
  }),
])

export type ControllerEvent = z.output<typeof EventSchema>
/** A round over these sources, which Lambda runs some time soon. */
export type PassEvent = Extract<ControllerEvent, { action: 'pass' }>

/** An event that asks for nothing the function does. */
export class EventError extends Error {
  readonly code = 'invalid_request'

  constructor(problem: string) {
    super(
      `This is no event for the controller (${problem}); send {"action": "sync"}, with "sources", "full" or "confirm" as needed.`,
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
  throw new EventError(`${place}: ${issue?.message ?? 'it cannot be read'}`)
}

/** Whether it is the question of a deployment whether the code is well: the bare payload of `GET /health`. */
export function asksForHealth(event: unknown): boolean {
  return event !== null && typeof event === 'object' && 'rawPath' in event && event.rawPath === '/health'
}
