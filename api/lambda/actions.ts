import { RegistryError } from '../contract/errors.ts'
import { type AdoptionSummary, type AdoptSeeded, adoptInTime } from './adopt.ts'
import type { LambdaAnswer } from './answer.ts'
import { record, text } from './fields.ts'
import type { LambdaContext, LambdaHandler } from './handler.ts'
import type { Observer } from './observer.ts'

export interface ActionParts {
  /** Scans no further page once `hasTime` returns false. Undefined in the reader, which may not write. */
  readonly adoptSeeded: ((hasTime: () => boolean) => AdoptSeeded) | undefined
  readonly observer: Observer
  /** Creates a request id if the runtime provides none. */
  readonly newId: () => string
}

/** Reserve before the end of an invocation: enough to finish the prompts being adopted. */
const MARGIN_MS = 5_000

/**
 * Handles `{"action": "adopt"}`, which the schedule and people send to the writer. Passes all other events to
 * `http`. A failed action fails the invocation, so that Lambda counts and retries it; its error is a sentence.
 */
export function createActionHandler(
  http: LambdaHandler,
  parts: ActionParts,
): (event: unknown, context?: LambdaContext) => Promise<LambdaAnswer | AdoptionSummary> {
  return async (event, context) => {
    const action = text(record(event).action)
    if (action === undefined) return await http(event, context)
    if (action !== 'adopt')
      throw new Error(`Unknown action "${action}". Send {"action": "adopt"}, or an HTTP event.`)
    return await adopt(parts, context)
  }
}

async function adopt(
  { adoptSeeded, observer, newId }: ActionParts,
  context: LambdaContext | undefined,
): Promise<AdoptionSummary> {
  if (adoptSeeded === undefined)
    throw new Error('This function only reads. Send {"action": "adopt"} to the writer.')
  const request_id = context?.awsRequestId ?? newId()
  const remaining = () => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY
  const hasTime = () => remaining() > MARGIN_MS
  try {
    const report = await adoptInTime(adoptSeeded(hasTime), hasTime)
    for (const { promptId, reason } of report.refused)
      observer.error('a seeded prompt cannot be adopted', { request_id, prompt_id: promptId, reason })
    const { complete } = report
    const adoption = { adopted: report.adopted.length, refused: report.refused.length, complete }
    observer.info('adopted seeded prompts', { request_id, ...adoption })
    return adoption
  } catch (error) {
    observer.error('the seeded prompts were not adopted', { request_id, error })
    const reason = error instanceof RegistryError ? error.message : 'Unexpected error.'
    throw new Error(
      `The seeded prompts were not adopted: ${reason} The log has the cause under ${request_id}.`,
    )
  }
}
