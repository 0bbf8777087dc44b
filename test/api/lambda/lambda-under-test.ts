import { onTestFinished } from 'vitest'
import { createLambdaHandler, type LambdaParts } from '../../../api/lambda/handler.ts'
import type { FinishedRequest } from '../../../api/lambda/observer.ts'
import { makeRegistry, type TestRegistry, type TestRegistryOptions } from '../../support/registry.ts'

export interface LambdaUnderTest extends TestRegistry {
  /** Sends an event. `document` is the parsed body of the response. */
  send(
    event: unknown,
  ): Promise<{ status: number; headers: Readonly<Record<string, string>>; document: Document }>
  /** Counted requests, in order. */
  readonly finished: FinishedRequest[]
  /** Logged errors, in order. */
  readonly errors: { message: string; facts: Readonly<Record<string, unknown>> }[]
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look into documents of every kind
type Document = any

/** The function's handler on a real registry with an in-memory store. */
export function lambdaUnderTest(
  parts: Partial<LambdaParts> = {},
  options: TestRegistryOptions = {},
): LambdaUnderTest {
  const registry = makeRegistry(options)
  onTestFinished(registry.close)
  const finished: FinishedRequest[] = []
  const errors: LambdaUnderTest['errors'] = []
  let requests = 0
  let now = 0
  const handler = createLambdaHandler({
    registry: registry.registry,
    observer: {
      finished: (request) => finished.push(request),
      error: (message, facts) => errors.push({ message, facts }),
      info: () => undefined,
    },
    readOnly: false,
    clock: () => (now += 2),
    newId: () => 'made-up',
    ...parts,
  })
  return {
    ...registry,
    finished,
    errors,
    send: async (event) => {
      const { statusCode, headers, body } = await handler(event, { awsRequestId: `request-${++requests}` })
      return { status: statusCode, headers, document: body === '' ? undefined : JSON.parse(body) }
    },
  }
}
