import type { HttpLog } from '../http/log.ts'

/** A request and its result. */
export interface FinishedRequest {
  readonly requestId: string
  readonly actor: string
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** The OpenAPI operation id, such as `resolvePrompt`. */
  readonly operation: string
  readonly status: number
  readonly durationMs: number
  /** How many prompts it promoted to another stable version. */
  readonly promotions: number
}

/** Logs and counts requests. */
export interface Observer extends HttpLog {
  finished(request: FinishedRequest): void
  info(message: string, facts: Readonly<Record<string, unknown>>): void
}
