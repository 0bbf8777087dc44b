import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { isOffRelease } from '../../../api/contract/serving-state.ts'
import { allPages } from '../../../client/pages.ts'
import type { PassReport } from '../../state/pass-report.ts'

export interface OffReleaseOptions {
  readonly api: Pick<RegistryApi, 'list'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly set: (source: string, count: number) => void
}

/** People roll back between passes that change nothing, and reading ten thousand prompts takes ten requests. */
const INTERVAL_MS = 5 * 60_000

/**
 * Counts the prompts of a source that do not serve their highest release: after each pass that changed something, and
 * else every five minutes.
 */
export function createOffReleaseCount({
  api,
  now,
  set,
}: OffReleaseOptions): (report: Pick<PassReport, 'source' | 'result'>) => Promise<void> {
  const counted = new Map<string, number>()
  return async ({ source, result }) => {
    const isRecent = now() - (counted.get(source) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS
    if (isRecent && result !== 'synced') return
    counted.set(source, now())
    try {
      let count = 0
      const rows = allPages(
        (page) => api.list({ source, limit: 1000, ...page }),
        ({ prompts }) => prompts,
      )
      for await (const row of rows) if (isOffRelease(row)) count++
      set(source, count)
    } catch {
      // A registry that cannot be read fails the passes, which report it.
      counted.delete(source)
    }
  }
}
