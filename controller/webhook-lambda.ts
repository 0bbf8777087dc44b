import { S3Client } from '@aws-sdk/client-s3'
import { readEvent } from '../api/lambda/event.ts'
import { fetchObject } from './lambda/aws/document.ts'
import { createPassInvoker } from './lambda/aws/invoke.ts'
import { createSecretReader } from './lambda/aws/secrets.ts'
import { readEnvironment } from './lambda/environment.ts'
import { createPowertoolsObserver } from './lambda/powertools.ts'
import { createSecrets } from './lambda/secrets.ts'
import { createSourcesDocument } from './lambda/sources-document.ts'
import { createWebhookHandler, type WebhookHandler } from './lambda/webhooks.ts'

const SECRETS_KEEP_MS = 300_000
/** Whoever finds the address can call it, and each call must not ask S3. */
const DOCUMENT_KEEP_MS = 60_000

function start(env: NodeJS.ProcessEnv): WebhookHandler {
  const { document, references, logLevel, functionName, invokes } = readEnvironment(
    env,
    'CONTROLLER_FUNCTION',
  )
  const observer = createPowertoolsObserver({ service: functionName, logLevel })
  const s3 = new S3Client({})
  const now = Date.now
  return createWebhookHandler({
    document: createSourcesDocument({
      where: `s3://${document.bucket}/${document.key}`,
      fetch: (etag) => fetchObject(s3, document, etag),
      problem: (error) => observer.problem('the last good sources document stays in force', error),
      keepMs: DOCUMENT_KEEP_MS,
      now,
    }),
    secrets: createSecrets({ references, read: createSecretReader(), keepMs: SECRETS_KEEP_MS, now }),
    readRequest: (event) => readEvent(event).request,
    invoke: createPassInvoker(invokes),
    observer,
  })
}

function startOrExplain(env: NodeJS.ProcessEnv): WebhookHandler {
  try {
    return start(env)
  } catch (error) {
    return async () => {
      throw error
    }
  }
}

/** What Lambda calls for API Gateway. Made once per cold start; a wrong environment is in the log of each invocation. */
export const handler: WebhookHandler = startOrExplain(process.env)
