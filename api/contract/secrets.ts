/** Replaces every spelling of the secrets in a string. */
export type Scrub = (text: string) => string

/**
 * For messages from outside before they are shown: a host, a proxy or a library may repeat what we sent, in its
 * own spelling.
 */
export function createScrub(secrets: readonly string[]): Scrub {
  const spellings = [...new Set(secrets.flatMap(spellingsOf))].sort((a, b) => b.length - a.length)
  return (text) => spellings.reduce((rest, spelling) => rest.replaceAll(spelling, '***'), text)
}

/** Every form in which a secret may be repeated. Each line of a multi-line key counts. */
export function spellingsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'))
  const raw = [secret, ...(lines.length > 1 ? lines : [])]
  const all = raw.flatMap((text) => {
    const wellFormed = text.toWellFormed()
    const encoded = [encodeURIComponent(wellFormed), encodeURI(wellFormed), formField(text)]
    const lower = encoded.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
    const escaped = JSON.stringify(text).slice(1, -1)
    const hex = [...utf8(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return [
      text,
      escaped,
      JSON.stringify(escaped).slice(1, -1),
      hex,
      ...encoded,
      ...lower,
      ...insideBase64(text),
    ]
  })
  // Shorter strings occur in any text; replacing them would reveal the secret.
  return [...new Set(all.filter((text) => text.length >= 4))]
}

function formField(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2)
}

/** The part of the secret that is visible in base64, even with other text before and after it (`user:token`). */
function insideBase64(text: string): string[] {
  const bytes = utf8(text)
  return [0, 1, 2].flatMap((shift) => {
    const padded = base64([...new Uint8Array(shift), ...bytes])
    const own = padded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6))
    return own.length < 8 ? [] : [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

// Without `Buffer`, which browsers and workers lack.
function base64(bytes: readonly number[]): string {
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''))
}
