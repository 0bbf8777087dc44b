import { parsePublicKey, type SshPublicKey } from '../../api/contract/keys/ssh-public-key.ts'
import { type AllowedSignerOptions, signerOptions } from './signer-options.ts'

/** A line of OpenSSH's allowed_signers (ssh-keygen(1), "ALLOWED SIGNERS"). */
export interface AllowedSigner extends AllowedSignerOptions {
  /** The first field of the line: the owners of the key. */
  readonly principals: string
  readonly key: SshPublicKey
}

/** Throws an `Error` that names the line and its problem. */
export function parseAllowedSigners(text: string): AllowedSigner[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return []
    try {
      return [parseLine(line.trim())]
    } catch (error) {
      throw new Error(`line ${index + 1} of the allowed signers is invalid: ${(error as Error).message}`)
    }
  })
}

/** The first problem in the lines, as a sentence; `undefined` if they are valid. */
export function allowedSignersProblem(text: string): string | undefined {
  try {
    parseAllowedSigners(text)
    return undefined
  } catch (error) {
    return `${(error as Error).message}.`
  }
}

/** Splits at white space outside quotes: `a@x,b@x namespaces="git",valid-before="20270101" ssh-ed25519 AAAA...` */
const WORD = /(?:[^\s"]|"[^"]*")+/g
const KEY_TYPE = /^(ssh-|ecdsa-|sk-)/

function parseLine(line: string): AllowedSigner {
  const [principals = '', ...rest] = line.match(WORD) ?? []
  const options = KEY_TYPE.test(rest[0] ?? '') ? '' : (rest.shift() ?? '')
  const [type = '', base64 = ''] = rest
  if (!KEY_TYPE.test(type)) throw new Error('expected owners, then any options, then the public key')
  const names = principals.replaceAll('"', '')
  if (names.split(',').every((name) => name.startsWith('!'))) throw new Error('it allows nobody')
  return { principals: names, key: parsePublicKeyText(type, base64), ...signerOptions(options) }
}

function parsePublicKeyText(type: string, base64: string): SshPublicKey {
  const key = decoded(base64)
  if (key.type !== type) throw new Error(`the line has the type "${type}", but the key is "${key.type}"`)
  return key
}

function decoded(base64: string): SshPublicKey {
  try {
    return parsePublicKey(Buffer.from(base64, 'base64'))
  } catch (cause) {
    throw new Error(`invalid public key: ${(cause as Error).message}`, { cause })
  }
}
