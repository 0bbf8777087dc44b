import { systemCode } from './exchange.ts'

const CLOSED_BY_PEER: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/**
 * Whether the peer closed the connection. One that was kept alive and closed while nobody looked fails only when it
 * is used, as it does in a Lambda that slept.
 */
export function closedByPeer(error: unknown): boolean {
  return CLOSED_BY_PEER.includes(systemCode(error))
}
