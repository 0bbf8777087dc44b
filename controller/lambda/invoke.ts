import type { PassEvent } from './event.ts'

/**
 * Asks a function for a pass, without waiting for it: resolves when Lambda has taken the event. The AWS SDK is loaded
 * by the first one.
 */
export function createPassInvoker(functionName: string): (event: PassEvent) => Promise<void> {
  const loaded = async () => {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
    const client = new LambdaClient({})
    return (Payload: Uint8Array) =>
      client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload }))
  }
  let sending: ReturnType<typeof loaded> | undefined
  return async (event) => {
    sending ??= loaded()
    const send = await sending
    try {
      await send(Buffer.from(JSON.stringify(event)))
    } catch (error) {
      // The SDK's own error leads to the request, where the session token is.
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      throw new Error(
        `The function ${functionName} could not be asked for a pass of ${event.sources.join(', ')} (${name}: ${message}).`,
      )
    }
  }
}
