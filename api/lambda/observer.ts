import type { HttpLog } from '../http/log.ts'

/** A request and what became of it. */
export interface FinishedRequest {
  readonly requestId: string
  readonly actor: string
  readonly method: string
  /** As it was sent, without the query. */
  readonly path: string
  /** As in OpenAPI, such as `resolvePrompt`. */
  readonly operation: string
  readonly status: number
  readonly durationMs: number
  /** How many times it moved a prompt's stable version forward. */
  readonly promotions: number
}

/** Where requests are logged and counted. */
export interface Observer extends HttpLog {
  finished(request: FinishedRequest): void
}
