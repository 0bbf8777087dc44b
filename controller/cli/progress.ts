import type { Progress } from '../pass/pass-input.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { widthOf } from './look.ts'

const BETWEEN_MS = 1000
const REDRAW_MS = 100
const BAR = 24
const ERASE_LINE = '\r\u001b[K'

/**
 * Shows the progress of a long pass on stderr: a bar on a terminal, elsewhere a line at most once a second. A short pass
 * shows nothing.
 */
export function createProgressLine(name: string, { stderr, now }: Pick<CliRuntime, 'stderr' | 'now'>) {
  const width = widthOf(stderr)
  const start = now()
  let printedAt = start
  let shown = false
  return {
    show({ done, total }: Progress): void {
      const every = shown && width !== null ? REDRAW_MS : BETWEEN_MS
      if (now() - printedAt < every) return
      printedAt = now()
      shown = true
      const text = `${name}: ${done} of ${total} changes`
      stderr.write(width === null ? `${text}\n` : `${ERASE_LINE}${withBar(text, done / total, width)}`)
    },
    end(): void {
      if (shown) stderr.write(width === null ? `${name}: done\n` : ERASE_LINE)
    },
  }
}

/** The last column stays free: some terminals wrap when it is written. */
function withBar(text: string, share: number, width: number): string {
  const full = Math.round(BAR * Math.min(1, share))
  const bar = `[${'='.repeat(full)}${' '.repeat(BAR - full)}] `
  return (bar.length + text.length < width ? bar + text : text).slice(0, width - 1)
}
