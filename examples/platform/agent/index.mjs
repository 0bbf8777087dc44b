import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

const lambda = new LambdaClient({})

/**
 * Takes { prompt, mode? } and returns the version that the registry serves. A real agent uses the client of the
 * npm package.
 */
export async function handler({ prompt = 'triage', mode = process.env.EXECUTION_MODE }) {
  const path = `/prompts/${prompt}`
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: process.env.PROMPT_REGISTRY_FUNCTION,
      Payload: JSON.stringify({
        rawPath: path,
        rawQueryString: new URLSearchParams({ mode }).toString(),
        requestContext: { http: { method: 'GET', path } },
      }),
    }),
  )
  const answer = JSON.parse(Buffer.from(Payload).toString('utf8'))
  if (FunctionError !== undefined) throw new Error(`The registry failed: ${answer.errorMessage}`)
  const document = JSON.parse(answer.body)
  if (answer.statusCode !== 200) throw new Error(document.error)
  return { prompt: document.prompt_id, version: document.version, length: document.content.length }
}
