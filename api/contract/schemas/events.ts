import { z } from 'zod'
import { json, timestamp } from './shared.ts'

export const EVENT_TYPES = [
  'owner_changed',
  'version_pushed',
  'version_restored',
  'latest_moved',
  'alias_added',
  'promoted',
  'release_raised',
  'rolled_back',
  'revoked',
  'held',
  'hold_lifted',
  'archived',
  'unarchived',
  'retired',
  'healed',
  'attested',
  'deleted',
] as const
export const Event = z
  .object({
    id: z.string(),
    prompt_id: z.string(),
    sequence: z.int().meta({ description: 'Counts from 1 on each prompt, without gaps.' }),
    type: z.enum(EVENT_TYPES),
    at: timestamp,
    actor: z.string(),
    reason: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    details: z.record(z.string(), json).nullable(),
  })
  .meta({ id: 'Event' })
export const EventsAnswer = z
  .object({ prompt_id: z.string(), events: z.array(Event), next_cursor: z.string().nullable() })
  .meta({ id: 'EventsAnswer' })

export const FeedAnswer = z
  .object({
    events: z.array(Event),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Cursor for later events; null only if there are no events yet.' }),
    more: z.boolean().meta({ description: 'true: more events follow this page.' }),
  })
  .meta({ id: 'FeedAnswer' })
