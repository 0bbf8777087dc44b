import type { LambdaClient } from '@aws-sdk/client-lambda'
import { scrubOf } from '../../../client/transport/aws-credentials.ts'
import type { PassEvent } from '../event.ts'
import { PATIENCE } from './patience.ts'

/**
 * Asks a function for a pass, without waiting for it: resolves when Lambda has taken the event. The AWS SDK is loaded
 * by the first one.
 */
export function createPassInvoker(functionName: string): (event: PassEvent) => Promise<void> {
  let client: LambdaClient | undefined
  return async (event) => {
    const sdk = await import('../../../client/transport/lambda-client.ts')
    client ??= new sdk.LambdaClient(PATIENCE)
    const Payload = Buffer.from(JSON.stringify(event))
    try {
      await client.send(
        new sdk.InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload }),
      )
    } catch (error) {
      // The SDK's own error leads to the request, where the session token is.
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      const scrub = await scrubOf(client)
      throw new Error(
        `The function ${functionName} could not be asked for a pass of ${event.sources.join(', ')} (${name}: ${scrub(message)}).`,
      )
    }
  }
}
