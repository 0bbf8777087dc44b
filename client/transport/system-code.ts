const CLOSED_BY_PEER: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** The code of a system error, such as `ECONNREFUSED`; fetch puts it some causes down. */
export function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9_]+$/.test(at.code)) return at.code
  }
  return undefined
}

/**
 * Whether the peer closed the connection. One that was kept alive and closed while nobody looked fails only when it
 * is used, as it does in a Lambda that slept.
 */
export function closedByPeer(error: unknown): boolean {
  return CLOSED_BY_PEER.includes(systemCode(error))
}
