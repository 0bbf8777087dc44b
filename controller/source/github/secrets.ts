import { spellingsOf } from '../../../api/contract/secrets.ts'

/** The secrets to remove from messages. New tokens are added, and the oldest of them dropped. */
export interface KnownSecrets {
  add(secret: string): void
  /** Replaces every spelling of a secret with `***`. */
  scrub(text: string): string
}

// Tokens are valid for an hour, so dropped ones have expired.
const REMEMBERED = 50

export function createSecrets(lasting: readonly string[]): KnownSecrets {
  const known = new Set(lasting.flatMap(spellingsOf))
  const passing = new Map<string, readonly string[]>()
  return {
    add(secret) {
      if (passing.has(secret)) return
      passing.set(secret, spellingsOf(secret))
      for (const oldest of passing.keys()) if (passing.size > REMEMBERED) passing.delete(oldest)
    },
    scrub(text) {
      const all = [...known, ...[...passing.values()].flat()].sort((a, b) => b.length - a.length)
      return all.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    },
  }
}
