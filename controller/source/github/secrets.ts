/** What must not be told: grows while tokens are made, and forgets the oldest of those. */
export interface Secrets {
  add(secret: string): void
  /** The text without any spelling of a secret. */
  scrub(text: string): string
}

// An hour's token each: those forgotten are long worthless.
const REMEMBERED = 50

export function createSecrets(lasting: readonly string[]): Secrets {
  const known = new Set(lasting.flatMap(spellings))
  const passing = new Map<string, readonly string[]>()
  return {
    add(secret) {
      if (passing.has(secret)) return
      passing.set(secret, spellings(secret))
      for (const oldest of passing.keys()) if (passing.size > REMEMBERED) passing.delete(oldest)
    },
    scrub(text) {
      const all = [...known, ...[...passing.values()].flat()].sort((a, b) => b.length - a.length)
      return all.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    },
  }
}

/** Every way in which a host or a library might repeat it. Of a key in several lines, each line counts. */
function spellings(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'))
  const raw = [secret, ...(lines.length > 1 ? lines : [])]
  const all = raw.flatMap((text) => {
    const encoded = [encodeURIComponent(text), encodeURI(text)]
    const lower = encoded.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
    return [text, JSON.stringify(text).slice(1, -1), ...encoded, ...lower, ...insideBase64(text)]
  })
  return [...new Set(all.filter((text) => text.length >= 4))]
}

/** What of it is seen in base64, also when other text stands before and after it (`user:token`). */
function insideBase64(text: string): string[] {
  const bytes = Buffer.from(text)
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const own = padded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6))
    return own.length < 8 ? [] : [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
