import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A multi-line key, like that of a GitHub App. */
export function appKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
}

/** Secrets, by a name that may be shown. */
export type Planted = Readonly<Record<string, string>>

/** The secrets that occur in the bytes, in any spelling: `name as spelling`. */
export function leaksIn(bytes: Buffer | string, planted: Planted): string[] {
  const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return Object.entries(planted).flatMap(([name, secret]) =>
    [...spellings(secret)].filter(([, text]) => all.includes(text)).map(([how]) => `${name} as ${how}`),
  )
}

/** Searches every file in a folder, and returns paths too. `except` are paths from there. */
export async function leaksBelow(folder: string, planted: Planted, except: readonly string[] = []) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const kept = paths.filter((path) => !except.some((one) => path.startsWith(join(folder, one))))
  const found = kept.map(async (path) =>
    leaksIn(await readFile(path), planted).map((leak) => `${path.slice(folder.length)}: ${leak}`),
  )
  return (await Promise.all(found)).flat()
}

/** The texts that reveal a secret, by spelling. Each long line of a multi-line secret is one. */
function spellings(secret: string): Map<string, string> {
  const lines = secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))
  const texts = secret.includes('\n') ? lines : [secret]
  return new Map(
    texts.flatMap((text, index) => spellingsOf(text, texts.length > 1 ? ` of line ${index}` : '')),
  )
}

function spellingsOf(secret: string, of: string): [string, string][] {
  const percent = encodeURIComponent(secret)
  return [
    [`plain text${of}`, secret],
    [`JSON${of}`, JSON.stringify(secret).slice(1, -1)],
    [`percent-encoded${of}`, percent],
    [`percent-encoded in small letters${of}`, percent.replaceAll(/%../g, (code) => code.toLowerCase())],
    [`encoded for a whole URL${of}`, encodeURI(secret)],
    [`a form field${of}`, new URLSearchParams({ x: secret }).toString().slice(2)],
    [`hex${of}`, Buffer.from(secret).toString('hex')],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const inside = base64Inside(secret, offset)
      const url = inside.replaceAll('+', '-').replaceAll('/', '_')
      return [
        [`base64 at ${offset}${of}`, inside],
        [`base64url at ${offset}${of}`, url],
      ]
    }),
  ]
}

/** The base64 letters that depend only on a text that starts `offset` bytes after a group. */
function base64Inside(text: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
  const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)]
  return bytes.toString('base64').slice(first, last)
}
