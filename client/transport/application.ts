import { APPLICATION_HEADER } from '../../api/contract/application.ts'
import type { Transport } from './transport.ts'

/** Sends the name of the application with every request, so that the registry can show who reads a prompt. */
export function withApplication(transport: Transport, application: string): Transport {
  const named = { [APPLICATION_HEADER]: application }
  return {
    send: (request, options) =>
      transport.send({ ...request, headers: { ...request.headers, ...named } }, options),
  }
}
