import { z } from 'zod'
import type { SourceDocument } from '../../api/contract/registry-api.ts'

const Time = z.string().nullable().catch(null)

const ShownCondition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  since: Time,
})
export type ShownCondition = z.output<typeof ShownCondition>

const ShownPass = z.object({
  result: z.string(),
  kind: z.string().catch(''),
  started_at: z.string(),
  finished_at: z.string(),
  duration_ms: z.number().catch(0),
  commit: z.string().nullable().catch(null),
  counts: z.record(z.string(), z.number()).catch({}),
  message: z.string().nullable().catch(null),
  times: z.number().catch(1),
})
export type ShownPass = z.output<typeof ShownPass>

/** The state that the controller stores, as far as the console shows it. Other versions may write other fields. */
const State = z.object({
  conditions: z.array(ShownCondition).catch([]),
  finding_counts: z.record(z.string(), z.number()).catch({}),
  passes: z.array(ShownPass).catch([]),
  checked_at: Time,
  complete_at: Time,
  watermark: z.object({ commit: z.string() }).nullable().catch(null),
  retry: z.object({ attempt: z.number(), not_before: z.string() }).nullable().catch(null),
})

export interface SourceView {
  readonly document: SourceDocument
  /** `hidden`: this person sees no drafts. `unknown`: nothing yet, or written by another version. */
  readonly standing: 'ready' | 'not_ready' | 'suspended' | 'forgotten' | 'hidden' | 'unknown'
  readonly state: z.output<typeof State> | null
}

export function sourceView(document: SourceDocument): SourceView {
  const parsed = State.safeParse(document.state)
  const state = parsed.success ? parsed.data : null
  return { document, state, standing: standingOf(document, state) }
}

function standingOf(document: SourceDocument, state: SourceView['state']): SourceView['standing'] {
  if (document.forgotten !== null) return 'forgotten'
  if (state === null) return document.revision > 0 && document.state === null ? 'hidden' : 'unknown'
  const condition = (type: string) => state.conditions.find((one) => one.type === type)
  if (condition('Held')?.reason === 'Suspended') return 'suspended'
  const ready = condition('Ready')
  if (ready === undefined) return 'unknown'
  return ready.status === 'True' ? 'ready' : 'not_ready'
}
