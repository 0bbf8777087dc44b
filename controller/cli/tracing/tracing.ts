import type { RequestTracer } from '../../../api/http/request-tracer.ts'
import type { runPass } from '../../pass/run-pass.ts'

/** Traces of this process. */
export interface Tracing {
  readonly request: RequestTracer
  /** Runs a pass in a span. */
  readonly pass: typeof runPass
  /** Sends the remaining spans. Never rejects. */
  end(): Promise<void>
}
