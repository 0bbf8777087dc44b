import type { SourceConfig } from '../config.ts'
import { webhookEndpoint } from '../trigger/webhook/endpoint.ts'
import { createWebhookReceiver, WEBHOOK_PREFIX, type WebhookEndpoint } from '../trigger/webhook/receiver.ts'
import { byPlace } from './due.ts'
import { asksForHealth, type PassEvent } from './event.ts'
import type { InvocationContext } from './handler.ts'
import type { ControllerObserver } from './observer.ts'
import type { Secrets } from './secrets.ts'
import type { SourcesDocument } from './sources-document.ts'
import { variablesIn } from './variables.ts'

export interface WebhookParts {
  readonly document: SourcesDocument
  readonly secrets: Secrets
  /** Reads an event of API Gateway. */
  readonly readRequest: (event: unknown) => Request
  /** Writes what API Gateway takes for an answer. */
  readonly writeAnswer: (response: Response) => Promise<WebhookAnswer>
  /** Resolves when Lambda has taken the event for the controller. */
  readonly invoke: (event: PassEvent) => Promise<void>
  readonly observer: ControllerObserver
}

/** What API Gateway takes for an HTTP answer. */
export interface WebhookAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type WebhookHandler = (
  event: unknown,
  context: Pick<InvocationContext, 'awsRequestId'>,
) => Promise<WebhookAnswer>

/**
 * Takes signed deliveries at `/webhooks/{source}` and asks the controller for a pass of that source's repository. It
 * asks before it answers, since a function stands still as soon as it has answered.
 */
export function createWebhookHandler(parts: WebhookParts): WebhookHandler {
  const { document, readRequest, writeAnswer, observer } = parts
  return async (event, { awsRequestId }) => {
    observer.begin(awsRequestId)
    const { sources } = await document()
    if (asksForHealth(event)) return await writeAnswer(Response.json({ status: 'ok' }))
    const request = readRequest(event)
    const { pathname } = new URL(request.url)
    const source = sources.find(({ name }) => pathname === `${WEBHOOK_PREFIX}${name}`)
    const receive = createWebhookReceiver({
      endpoints: await endpointsOf(source, parts),
      hint: (name) => hint(name, sources, parts),
    })
    const response = await receive(request)
    observer.delivered({ path: pathname, status: response.status })
    return await writeAnswer(response)
  }
}

/** The one that the delivery is for; only its secrets are read. */
async function endpointsOf(
  source: SourceConfig | undefined,
  { secrets }: WebhookParts,
): Promise<ReadonlyMap<string, WebhookEndpoint>> {
  if (source?.webhook === undefined) return new Map()
  const env = await secrets(variablesIn(source.webhook))
  const endpoint = webhookEndpoint(source, { env })
  return new Map(endpoint === undefined ? [] : [[source.name, endpoint]])
}

/** A hint about a repository is one about every source of it. */
async function hint(
  name: string,
  sources: readonly SourceConfig[],
  { invoke, observer }: WebhookParts,
): Promise<boolean> {
  const group = byPlace(sources).find((place) => place.some((source) => source.name === name)) ?? []
  try {
    await invoke({ action: 'pass', sources: group.map((source) => source.name) })
    return true
  } catch (error) {
    observer.problem('the controller was not asked for a pass', error)
    throw error
  }
}
