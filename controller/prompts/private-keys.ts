/** A range in text, in UTF-16 code units. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

const BEGIN = '-----BEGIN '
const DASHES = '-----'
const LABEL = /^[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?$/
const LABEL_CHARACTERS = 60
/** A long RSA key has 12,500 characters. */
const BODY_CHARACTERS = 20_000
/** Words of prose are shorter than a line of a key, and placeholders such as "MIIE..." are not Base64. */
const WORD = /^[A-Za-z0-9+/]{16,}={0,2}$/
/** The shortest key, Ed25519, has 64 characters. */
const LEAST_BASE64 = 32

/** Finds PEM private keys with any label, even if encrypted, indented, cut off, or on one line with `\n`. */
export function findPrivateKeys(text: string): TextRange[] {
  const found: TextRange[] = []
  for (let start = text.indexOf(BEGIN); start !== -1; start = text.indexOf(BEGIN, start + BEGIN.length)) {
    const label = upTo(text, start + BEGIN.length, LABEL_CHARACTERS)
    if (!LABEL.test(label)) continue
    const bodyStart = start + BEGIN.length + label.length + DASHES.length
    const body = upTo(text, bodyStart, BODY_CHARACTERS)
    if (base64In(body) >= LEAST_BASE64) found.push({ start, end: bodyStart + body.length })
  }
  return found
}

/** The text from an offset to the next dashes, but at most `most` characters. */
function upTo(text: string, start: number, most: number): string {
  const [words = ''] = text.slice(start, start + most).split(DASHES, 1)
  return words
}

function base64In(body: string): number {
  const words = body.replaceAll('\\r', ' ').replaceAll('\\n', ' ').split(/\s+/)
  return words.filter((word) => WORD.test(word)).reduce((sum, { length }) => sum + length, 0)
}
