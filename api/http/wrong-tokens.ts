import { isIPv6 } from 'node:net'

/** Counts unknown tokens. */
export interface WrongTokens {
  /** Counts an unknown token from an address, and returns whether the address recently sent too many. */
  isTooMany(address: string | undefined): boolean
}

export interface WrongTokensParts {
  /** Receives a message, at most two per address and minute. Never contains a token. */
  readonly tell: (sentence: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const WINDOW_MS = 60_000
/** Limit per address and minute. A person who looks for the right variable stays below it. */
const MOST = 20
/** The number of remembered addresses, to limit memory. The oldest is forgotten first. */
const ADDRESSES = 10_000

interface Window {
  readonly since: number
  count: number
}

/**
 * Counts unknown tokens by address, so that guesses appear in the log and are refused after a while. Valid tokens
 * are never limited, because behind a proxy all callers share one address.
 */
export function createWrongTokens({ tell, now }: WrongTokensParts): WrongTokens {
  const windows = new Map<string, Window>()
  const windowOf = (place: string): Window => {
    const known = windows.get(place)
    if (known !== undefined && now() - known.since < WINDOW_MS) return known
    windows.delete(place)
    for (const oldest of windows.keys()) {
      if (windows.size < ADDRESSES) break
      windows.delete(oldest)
    }
    const begun = { since: now(), count: 0 }
    windows.set(place, begun)
    return begun
  }
  return {
    isTooMany(address) {
      const place = placeOf(address)
      const window = windowOf(place)
      window.count++
      if (window.count === 1) tell(`A wrong bearer token came from ${place}.`)
      if (window.count === MOST + 1)
        tell(
          `More than ${MOST} wrong bearer tokens came from ${place} within a minute; it gets 429 until the minute ends.`,
        )
      return window.count > MOST
    },
  }
}

/** The owner of one IPv6 address usually has 2^64 of them. */
function placeOf(address: string | undefined): string {
  if (address === undefined) return 'an unknown address'
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (v4 !== undefined || !isIPv6(address)) return v4 ?? address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
