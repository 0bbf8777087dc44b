import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { allowedSignersProblem } from './allowed-signers.ts'

const PUBLIC_KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const file = z.string().min(1)

/** Only the platform sets the signers. A repository cannot. */
export const VerifySchema = z.strictObject({
  tags: z
    .enum(['off', 'warn', 'require'])
    .describe(
      'Release tags without a trusted signature: off accepts them, warn also reports them, require rejects them.',
    ),
  allowedSigners: z
    .union([z.string(), z.array(z.string())])
    .default('')
    .transform((lines) => [lines].flat().join('\n'))
    .describe("SSH keys in OpenSSH's allowed_signers format: one string, or a list of lines."),
  allowedSignersFile: file.optional().describe('File with more allowed signers, relative to this file.'),
  gpgKeys: z
    .array(z.string())
    .default([])
    .describe('OpenPGP public keys, as "gpg --armor --export" prints them.'),
  gpgKeyFiles: z.array(file).optional().describe('Files with more OpenPGP keys, relative to this file.'),
})

type VerifySettings = z.output<typeof VerifySchema>

/** Settings with the content of all key files. */
export type VerifyConfig = Omit<VerifySettings, 'allowedSignersFile' | 'gpgKeyFiles'>

/** Adds the content of the key files, which are relative to `folder`. Rejects if a file cannot be read. */
export async function withKeyFiles(settings: VerifySettings, folder: string): Promise<VerifySettings> {
  const { allowedSignersFile, gpgKeyFiles = [], ...rest } = settings
  const read = (name: string) => readFile(resolve(folder, name), 'utf8')
  const more = allowedSignersFile === undefined ? [] : [await read(allowedSignersFile)]
  return {
    ...rest,
    allowedSigners: [rest.allowedSigners, ...more].filter((text) => text !== '').join('\n'),
    gpgKeys: [...rest.gpgKeys, ...(await Promise.all(gpgKeyFiles.map(read)))],
  }
}

/** The problem of a source's settings, as a sentence; `undefined` if they are valid. */
export function verifyProblem(name: string, settings: VerifySettings): string | undefined {
  const { tags, allowedSigners, gpgKeys, allowedSignersFile, gpgKeyFiles } = settings
  const of = `"verify" of the source "${name}"`
  if ((allowedSignersFile ?? gpgKeyFiles) !== undefined)
    return `${of} names key files, which this document does not support. Put the keys into "allowedSigners" and "gpgKeys".`
  const bad = gpgKeys.findIndex((key) => !key.includes(PUBLIC_KEY) || key.includes('PRIVATE KEY'))
  if (bad >= 0)
    return `${of}: gpgKeys[${bad}] is not an armored public key. Use the output of "gpg --armor --export".`
  const problem = allowedSignersProblem(allowedSigners)
  if (problem !== undefined) return `${of}: ${problem}`
  const nobody = gpgKeys.length === 0 && allowedSigners.replaceAll(/^\s*(#.*)?$/gm, '').trim() === ''
  if (tags !== 'off' && nobody)
    return `${of} allows no signer. Add "allowedSigners" or "gpgKeys", or set "tags" to off.`
  return undefined
}
