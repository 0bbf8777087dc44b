import type { Transport } from '../../client/transport/transport.ts'

/** Long enough for a batch of 100 writes to a busy registry. */
export const TIMEOUT_MS = 60_000

/** A transport whose requests are aborted by the signal. */
export function endedBy(signal: AbortSignal | undefined, transport: Transport): Transport {
  if (signal === undefined) return transport
  return { send: (request, options) => transport.send(request, { signal, ...options }) }
}
