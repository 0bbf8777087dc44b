import type { Progress } from '../pass/pass-input.ts'
import type { CliRuntime } from './cli-runtime.ts'

const BETWEEN_MS = 1000

/** Prints the progress of a long pass to stderr, at most once a second. A short pass prints nothing. */
export function createProgressLine(name: string, { stderr, now }: Pick<CliRuntime, 'stderr' | 'now'>) {
  let printedAt = now()
  let shown = false
  return {
    show({ done, total }: Progress): void {
      if (now() - printedAt < BETWEEN_MS) return
      printedAt = now()
      shown = true
      stderr.write(`${name}: ${done} of ${total} changes\n`)
    },
    end(): void {
      if (shown) stderr.write(`${name}: done\n`)
    },
  }
}
