import { describe, test } from 'vitest'
import { createHttpTransport } from '../../client/transport/http.ts'
import { createInProcessTransport } from '../../client/transport/in-process.ts'
import { runCase, TRANSPORT_CASES } from './transport.contract.ts'
import { handlerHarness, httpHarness } from './transport-harness.ts'

const ADAPTERS = {
  http: httpHarness((url, { secret, ...options }) =>
    createHttpTransport({ url, fetch: globalThis.fetch, token: secret, ...options }),
  ),
  'in-process': handlerHarness((handler, { secret, ...options }) =>
    createInProcessTransport(handler, { ...options, headers: { authorization: `Bearer ${secret}` } }),
  ),
}

describe.each(Object.entries(ADAPTERS))('the transport %s', (_name, open) => {
  test.each(TRANSPORT_CASES)('$name', async (contractCase) => {
    await runCase(open, contractCase)
  })
})
