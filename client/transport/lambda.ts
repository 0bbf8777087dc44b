import { pipeline, type Readable, Transform } from 'node:stream'
import type { InvokeCommand, LambdaClientConfig } from '@aws-sdk/client-lambda'
import { MAX_ANSWER_BYTES, type ReadLimits, readResponse } from './answer.ts'
import { scrubOf } from './aws-credentials.ts'
import { type AdapterLimits, exchange } from './exchange.ts'
import { queryText } from './http.ts'
import { functionAnswer } from './lambda-answer.ts'
import { invokeFailure } from './lambda-failure.ts'
import { secretsOf } from './secret-headers.ts'
import { closedByPeer } from './system-code.ts'
import { type Transport, TransportError, type TransportRequest } from './transport.ts'

export interface LambdaTransportOptions extends AdapterLimits {
  /** Name or ARN of the function, with or without a qualifier. */
  readonly functionName: string
  /** Sent with every request, such as `authorization`. Their values are kept out of errors. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** For the AWS SDK, which finds region, credentials and endpoint by itself as everywhere. */
  readonly sdk?: Pick<LambdaClientConfig, 'region' | 'endpoint' | 'credentials'> | undefined
}

/** Invokes the function of a registry, without a URL in between. The AWS SDK is loaded by the first request. */
export function createLambdaTransport(options: LambdaTransportOptions): Transport {
  const {
    functionName,
    timeoutMs = 10_000,
    maxAnswerBytes = MAX_ANSWER_BYTES,
    headers = {},
    setTimer,
  } = options
  const who = `The function ${functionName}`
  let invoking: Promise<Invoke> | undefined
  const invoke = (): Promise<Invoke> => {
    invoking ??= loadInvoke(options, who).catch((error) => {
      invoking = undefined
      throw error
    })
    return invoking
  }
  const limits = { who, timeoutMs, maxAnswerBytes, setTimer, secrets: () => secretsOf(headers) }
  return {
    send: async (request, sendOptions) => {
      const payload = JSON.stringify(payloadOf(request, headers))
      const ask = async (inner: ReadLimits) =>
        readResponse(await (await invoke())(payload, request.method, inner.cancellation.signal), inner)
      return exchange(ask, limits, sendOptions)
    },
  }
}

/** The bare payload that registries on Lambda take from those who invoke them directly. */
function payloadOf(request: TransportRequest, own: Readonly<Record<string, string>>) {
  const { method, path, query, body } = request
  const headers = {
    ...request.headers,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...own,
  }
  return {
    rawPath: path,
    requestContext: { http: { method, path } },
    // Registries read the one or the other.
    ...(query !== undefined && { rawQueryString: queryText(query).slice(1), queryStringParameters: query }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}

type Invoke = (payload: string, method: string, signal: AbortSignal) => Promise<Response>

async function loadInvoke({ functionName, sdk }: LambdaTransportOptions, who: string): Promise<Invoke> {
  const { InvokeCommand, LambdaClient } = await loadSdk(who)
  // A write may have been carried out when its answer is lost, so the SDK must not repeat it.
  const client = new LambdaClient({ maxAttempts: 1, ...sdk })

  const invoke = async (payload: string, mayRepeat: boolean, abortSignal: AbortSignal): Promise<Response> => {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload) })
    const watched = watch(command, who)
    try {
      return functionAnswer(await client.send(command, { abortSignal }), who)
    } catch (error) {
      if (error instanceof TransportError) throw error
      const repeat = mayRepeat && closedByPeer(error) && !watched.answered && !abortSignal.aborted
      if (repeat) return await invoke(payload, false, abortSignal)
      const failure = invokeFailure(error, who, await scrubOf(client))
      if (failure instanceof TransportError) throw failure
      return failure
    }
  }
  return (payload, method, signal) => invoke(payload, method === 'GET', signal)
}

/** The import stands in a `try`, so that bundlers leave it out if the package is not installed. */
async function loadSdk(who: string) {
  try {
    return await import('./lambda-client.ts')
  } catch (cause) {
    throw new TransportError(
      'unreachable',
      `${who} cannot be invoked, because the AWS SDK does not load; install @aws-sdk/client-lambda.`,
      { cause },
    )
  }
}

/** Larger than Lambda's own response limit. */
const MOST_PAYLOAD_BYTES = 7 * 1024 * 1024

/** Sees when an answer begins, and ends one that has no end, which the SDK would collect for ever. */
function watch(command: InvokeCommand, who: string): { readonly answered: boolean } {
  const watched = { answered: false }
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      watched.answered = true
      const response = result.response as { body: Readable }
      response.body = pipeline(response.body, atMost(MOST_PAYLOAD_BYTES, who), () => undefined)
      return result
    },
    // Next to the connection, before what reads the answer.
    { step: 'deserialize', priority: 'low', name: 'watchAnswer' },
  )
  return watched
}

function atMost(bytes: number, who: string): Transform {
  let size = 0
  return new Transform({
    transform(part: Uint8Array, _encoding, give) {
      size += part.byteLength
      if (size <= bytes) give(null, part)
      else give(new TransportError('bad_answer', `${who} answered with more than ${bytes} bytes.`))
    },
  })
}
