import { spellingsOf } from '../../../api/contract/secrets.ts'

/** What must not be told: grows while tokens are made, and forgets the oldest of those. */
export interface Secrets {
  add(secret: string): void
  /** The text without any spelling of a secret. */
  scrub(text: string): string
}

// An hour's token each: those forgotten are long worthless.
const REMEMBERED = 50

export function createSecrets(lasting: readonly string[]): Secrets {
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
