import type { SourceConfig } from './config.ts'
import { type PassReport, retryDelay } from './pass.ts'
import { untilNextPass } from './trigger/schedule.ts'

export interface ServeInput {
  readonly sources: readonly SourceConfig[]
  readonly run: (source: SourceConfig) => Promise<PassReport>
  readonly report: (report: PassReport) => void
  readonly now: () => number
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

const LONGEST_PAUSE_MS = 86_400_000

/** Runs every source by its schedule, each on its own, until the signal. A pass that did not end well comes again sooner. */
export async function serveSources(input: ServeInput): Promise<void> {
  await Promise.all(input.sources.map((source) => serveSource(source, input)))
}

async function serveSource(source: SourceConfig, input: ServeInput): Promise<void> {
  const { run, report, now, random, signal } = input
  let failures = 0
  while (!signal.aborted) {
    try {
      const passed = await run(source)
      report(passed)
      failures = endedWell(passed) ? 0 : failures + 1
      await pauseLong(nextWake(source.schedule, failures, now(), random()), input)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

/** A timer that is set for longer than 24.8 days fires at once. */
async function pauseLong(ms: number, { pause, signal }: ServeInput): Promise<void> {
  for (let left = ms; left > 0; left -= LONGEST_PAUSE_MS)
    await pause(Math.min(left, LONGEST_PAUSE_MS), signal)
}

/** Milliseconds until the source's next pass, `failures` passes after one that ended well. */
export function nextWake(schedule: string, failures: number, now: number, random: number): number {
  return failures === 0 ? untilNextPass(schedule, now, random) : retryDelay(failures, random)
}

function endedWell({ result }: PassReport): boolean {
  return result === 'synced' || result === 'unchanged'
}
