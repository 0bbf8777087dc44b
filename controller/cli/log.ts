import { visible } from '../../api/contract/visible-text.ts'
import type { HttpLog } from '../../api/http/log.ts'
import type { CliRuntime } from './cli-runtime.ts'

const MOST_CAUSES = 8

/** Logs the registry's failures for its operator: one JSON line each on stderr, with all causes. */
export function createLog({ stderr, now }: Pick<CliRuntime, 'stderr' | 'now'>): HttpLog {
  return {
    error: (message, facts) => {
      const at = new Date(now()).toISOString()
      const line = JSON.stringify({ level: 'error', at, message, ...facts }, (_key, value) => plain(value))
      stderr.write(`${visible(line)}\n`)
    },
  }
}

/** `JSON.stringify` turns an `Error` into `{}`. */
function plain(value: unknown): unknown {
  return value instanceof Error ? causesOf(value) : value
}

/** The messages of an error and its causes, outermost first. */
function causesOf(error: Error): string[] {
  const messages: string[] = []
  for (let at: unknown = error; at instanceof Error && messages.length < MOST_CAUSES; at = at.cause)
    messages.push(`${at.name}: ${at.message}`)
  return messages
}
