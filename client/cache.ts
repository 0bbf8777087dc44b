import type { RegistryError } from '../api/contract/errors.ts'
import type { Attempt, TierName } from './errors.ts'
import type { Standing } from './freshness.ts'
import type { Found, Question } from './tier.ts'

/** The registry's last answer for one reference and mode. Only the cache and the resolver change it. */
export interface Entry extends Standing {
  readonly question: Question
  /** A refusal replaces the text, so that it never comes back. */
  readonly answer: Found | RegistryError
  readonly tier: TierName
  readonly etag: string | undefined
  /** Of the answer, if it is a text. */
  readonly text: string | undefined
  at: number
  /** Of the same text, so that a hit allocates nothing. */
  readonly promise: Promise<string> | undefined
  /** `at` plus the TTL of the client; 0 for a refusal; without end for the answer of a set. */
  freshUntil: number
  lasts: boolean
  restored: boolean
  retryAt: number
  /** Of the last refresh, if it failed. */
  attempts: readonly Attempt[]
  /** Number of the last call that used it. */
  used: number
  /** `used` when the registry last answered. */
  usedAtAnswer: number
  /** When the registry last answered about this prompt itself, by the client's clock. */
  answeredAt: number
  /** The turn of `Pointers` at which it was last asked about this prompt itself. */
  turn: number
}

/** Of an answer that no pointer can confirm. */
export const BEFORE_ALL_TURNS = -1

export interface CacheLimits {
  readonly maxEntries: number
  /** Of the UTF-16 code units of texts, two bytes each, and 500 bytes for each entry. */
  readonly maxBytes: number
}

export interface Cache {
  readonly entries: ReadonlyMap<string, Entry>
  set(entry: Entry): void
  readonly bytes: number
  readonly evictions: number
}

const ENTRY_BYTES = 500

/** Least recently used goes first. */
export function createCache({ maxEntries, maxBytes }: CacheLimits): Cache {
  const entries = new Map<string, Entry>()
  let bytes = 0
  let evictions = 0

  const drop = (key: string) => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= sizeOf(entry)
  }
  /** Drops a tenth, because finding the oldest costs more than dropping them. */
  const evict = () => {
    const uses = new Float64Array(entries.size)
    let at = 0
    for (const { used } of entries.values()) uses[at++] = used
    uses.sort()
    const count = Math.max(1, Math.floor(uses.length / 10))
    const latest = uses[count - 1] as number
    let ties = count - uses.indexOf(latest)
    for (const [key, { used }] of entries) {
      if (used > latest || (used === latest && ties-- <= 0)) continue
      drop(key)
      evictions++
    }
  }

  return {
    entries,
    set(entry) {
      const { key } = entry.question
      drop(key)
      entries.set(key, entry)
      bytes += sizeOf(entry)
      while (entries.size > 0 && (entries.size > maxEntries || bytes > maxBytes)) evict()
    },
    get bytes() {
      return bytes
    },
    get evictions() {
      return evictions
    },
  }
}

function sizeOf({ text }: Entry): number {
  return ENTRY_BYTES + 2 * (text?.length ?? 0)
}
