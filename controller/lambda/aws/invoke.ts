import type { LambdaClient } from '@aws-sdk/client-lambda'
import { scrubOf } from '../../../client/transport/aws-credentials.ts'
import type { PassEvent } from '../event.ts'
import { PATIENCE } from './patience.ts'

/**
 * Invokes a function asynchronously for a pass. Resolves when Lambda has accepted the event. Loads the AWS SDK on
 * first use.
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
      // The SDK's own error refers to the request, which has the session token.
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      const scrub = await scrubOf(client)
      throw new Error(
        `Cannot invoke the function ${functionName} for a pass of ${event.sources.join(', ')} (${name}: ${scrub(message)}).`,
      )
    }
  }
}
