import type { Cache, Entry } from './cache.ts'
import type { Counters } from './metrics.ts'
import { type Span, spanAttributes } from './telemetry.ts'

interface HitParts {
  readonly cache: Pick<Cache, 'entries'>
  readonly clock: () => number
  readonly counters: Counters
}

/** The fresh text of a reference; `undefined` if a request may be needed. Every call begins with it, so it is short. */
export type Hit = (reference: string, activeSpan: ActiveSpan | undefined) => Promise<string> | undefined

export type ActiveSpan = () => Span | undefined

export function createHit({ cache: { entries }, clock, counters }: HitParts): Hit {
  return (reference, activeSpan) => {
    const entry = entries.get(reference)
    if (entry?.promise === undefined || clock() >= entry.freshUntil) return undefined
    counters.calls++
    entry.used = counters.calls
    if (activeSpan !== undefined) tell(entry, activeSpan)
    return entry.promise
  }
}

function tell({ answer, tier }: Entry, activeSpan: ActiveSpan): void {
  if ('text' in answer) activeSpan()?.setAttributes(spanAttributes(answer, tier, false))
}
