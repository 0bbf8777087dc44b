import { fetchAnswer, fetchRequest } from '../api/lambda/fetch-api.ts'
import { createPassInvoker } from './lambda/aws/invoke.ts'
import { createFunctionParts } from './lambda/function-parts.ts'
import { startOrExplain } from './lambda/start.ts'
import { createWebhookHandler, type WebhookHandler } from './lambda/webhooks.ts'

/** Anyone can call the address, so not every call may read from S3. */
const DOCUMENT_KEEP_MS = 60_000

function start(env: NodeJS.ProcessEnv): WebhookHandler {
  const { document, secrets, observer, invokes } = createFunctionParts({
    env,
    invokes: 'CONTROLLER_FUNCTION',
    documentKeepMs: DOCUMENT_KEEP_MS,
    now: Date.now,
  })
  return createWebhookHandler({
    ...{ document, secrets, observer },
    readRequest: fetchRequest,
    writeAnswer: fetchAnswer,
    invoke: createPassInvoker(invokes),
  })
}

/** The Lambda handler for API Gateway, created once per cold start. */
export const handler: WebhookHandler = startOrExplain(() => start(process.env))
