import { z } from 'zod'
import { clipText } from '../findings/clip-text.ts'

const MOST_PASSES = 10
const MOST_MESSAGE_BYTES = 1500

/**
 * The results of a pass. `incomplete`: something failed and will be retried. `held`: nothing changed, because a
 * mass change needs confirmation. `suspended`: skipped, as configured.
 */
export const PASS_RESULTS = ['synced', 'unchanged', 'incomplete', 'failed', 'held', 'suspended'] as const

export const StoredReport = z.object({
  result: z.enum(PASS_RESULTS),
  kind: z.enum(['first', 'full', 'changes', 'none']),
  started_at: z.string(),
  finished_at: z.string(),
  duration_ms: z.number().default(0),
  commit: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
  message: z.string().nullable(),
  /** How many passes in a row ended like this. The other fields are those of the last one. */
  times: z.number().default(1),
})
export type StoredReport = z.output<typeof StoredReport>

/** Adds a pass to the history, newest first. Repeats of the same failure share one entry. */
export function withPass(passes: readonly StoredReport[], report: StoredReport): StoredReport[] {
  const [newest, ...older] = passes
  const pass = clipped(report)
  const again = newest !== undefined && isSameTrouble(newest, pass)
  const kept = again ? [{ ...pass, times: newest.times + 1 }, ...older] : [pass, ...passes]
  return kept.slice(0, MOST_PASSES)
}

export function clipped(report: StoredReport): StoredReport {
  const { message } = report
  return message === null ? report : { ...report, message: clipText(message, MOST_MESSAGE_BYTES) }
}

function isSameTrouble(a: StoredReport, b: StoredReport): boolean {
  return a.result !== 'synced' && a.result === b.result && a.commit === b.commit && a.message === b.message
}
