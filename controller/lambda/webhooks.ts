import type { SourceConfig } from '../configuration/config.ts'
import { webhookEndpoint } from '../watch/webhook/endpoint.ts'
import { createWebhookReceiver, WEBHOOK_PREFIX, type WebhookEndpoint } from '../watch/webhook/receiver.ts'
import { byRepository } from './due.ts'
import { asksForHealth, type PassEvent } from './event.ts'
import type { InvocationContext } from './handler.ts'
import type { ControllerObserver } from './observer.ts'
import type { ReadSecrets } from './secrets.ts'
import type { SourcesDocument } from './sources-document.ts'
import { variablesIn } from './variables.ts'

export interface WebhookParts {
  readonly document: SourcesDocument
  readonly secrets: ReadSecrets
  /** Converts an event of API Gateway to a request. */
  readonly readRequest: (event: unknown) => Request
  /** Converts a response for API Gateway. */
  readonly writeAnswer: (response: Response) => Promise<WebhookAnswer>
  /** Invokes the controller asynchronously. Resolves when Lambda has accepted the event. */
  readonly invoke: (event: PassEvent) => Promise<void>
  readonly observer: ControllerObserver
}

/** An HTTP response in the format of API Gateway. */
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
 * Accepts signed deliveries at `/webhooks/{source}` and requests a pass of that source's repository from the
 * controller. It does so before it responds, because Lambda freezes a function after its response.
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

/** The endpoint of the delivery's source. Reads only the secrets of that source. */
async function endpointsOf(
  source: SourceConfig | undefined,
  { secrets, observer }: WebhookParts,
): Promise<ReadonlyMap<string, WebhookEndpoint>> {
  if (source?.webhook === undefined) return new Map()
  try {
    const env = await secrets(variablesIn(source.webhook))
    const endpoint = webhookEndpoint(source, { env })
    return new Map(endpoint === undefined ? [] : [[source.name, endpoint]])
  } catch (error) {
    // The alarm hears of it. A failed invocation would tell strangers that the source is there.
    observer.problem(`the secret of the webhook for ${source.name} cannot be read`, error)
    return new Map()
  }
}

/** Requests a pass of every source of the repository. */
async function hint(
  name: string,
  sources: readonly SourceConfig[],
  { invoke, observer }: WebhookParts,
): Promise<boolean> {
  const group = byRepository(sources).find((some) => some.some((source) => source.name === name)) ?? []
  try {
    await invoke({ action: 'pass', sources: group.map((source) => source.name) })
    return true
  } catch (error) {
    observer.problem('cannot request a pass from the controller', error)
    throw error
  }
}
