import { describe, test } from 'vitest'
import { createHttpTransport } from '../../client/transport/http.ts'
import type { HttpSender } from '../../client/transport/http-sender.ts'
import { createLambdaTransport } from '../../client/transport/lambda.ts'
import { poolSender } from '../../client/transport/pool-sender.ts'
import { socketSender } from '../../client/transport/socket-sender.ts'
import { fetchDispatcher } from '../support/fetch-dispatcher.ts'
import { handlerFetch } from '../support/handler-fetch.ts'
import { type HarnessOptions, runCase, TRANSPORT_CASES } from './transport.contract.ts'
import { handlerHarness, httpHarness, lambdaHarness, signedHttpHarness } from './transport-harness.ts'

const signed = ({ secret, ...options }: HarnessOptions) => ({
  auth: 'iam' as const,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: secret },
  ...options,
})

const ADAPTERS = {
  http: httpHarness((url, { secret, ...options }) =>
    createHttpTransport({ url, fetch: globalThis.fetch, token: secret, ...options }),
  ),
  'http over sockets of our own': httpHarness((url, { secret, ...options }) =>
    createHttpTransport({ url, sender: socketSender(), token: async () => secret, ...options }),
  ),
  'http over connections of undici': httpHarness((url, { secret, ...options }) =>
    createHttpTransport({
      url,
      sender: poolSender(fetchDispatcher(), options.timeoutMs) as HttpSender,
      token: secret,
      ...options,
    }),
  ),
  'http, signed': signedHttpHarness((url, options) =>
    createHttpTransport({ url, fetch: globalThis.fetch, ...signed(options) }),
  ),
  'http over connections of undici, signed': signedHttpHarness((url, options) =>
    createHttpTransport({
      url,
      sender: poolSender(fetchDispatcher(), options.timeoutMs) as HttpSender,
      ...signed(options),
    }),
  ),
  lambda: lambdaHarness((endpoint, { secret, ...options }) =>
    createLambdaTransport({
      functionName: 'registry',
      headers: { authorization: `Bearer ${secret}` },
      sdk: {
        endpoint,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: secret },
      },
      ...options,
    }),
  ),
  'http by a fetch without a socket': handlerHarness((handler, { secret, ...options }) =>
    createHttpTransport({
      url: 'http://localhost',
      fetch: handlerFetch(handler),
      token: secret,
      ...options,
    }),
  ),
}

describe.each(Object.entries(ADAPTERS))('the transport %s', (_name, open) => {
  test.each(TRANSPORT_CASES)('$name', async (contractCase) => {
    await runCase(open, contractCase)
  })
})
