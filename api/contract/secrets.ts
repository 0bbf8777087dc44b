/** Takes every spelling of the secrets that it was made with out of a text. */
export type Scrub = (text: string) => string

/**
 * For what others say to us, before it is told: a host, a proxy or a library may repeat what it was sent, in its own
 * spelling.
 */
export function createScrub(secrets: readonly string[]): Scrub {
  const spellings = [...new Set(secrets.flatMap(spellingsOf))].sort((a, b) => b.length - a.length)
  return (text) => spellings.reduce((rest, spelling) => rest.replaceAll(spelling, '***'), text)
}

/** Every way in which a secret might be repeated. Of a key in several lines, each line counts. */
export function spellingsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'))
  const raw = [secret, ...(lines.length > 1 ? lines : [])]
  const all = raw.flatMap((text) => {
    const wellFormed = text.toWellFormed()
    const encoded = [encodeURIComponent(wellFormed), encodeURI(wellFormed), formField(text)]
    const lower = encoded.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
    const escaped = JSON.stringify(text).slice(1, -1)
    const hex = Buffer.from(text).toString('hex')
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
  // What is shorter is found in any text, and would tell by its absence what the secret is.
  return [...new Set(all.filter((text) => text.length >= 4))]
}

function formField(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2)
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
