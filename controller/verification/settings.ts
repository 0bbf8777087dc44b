import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { allowedSignersProblem } from './allowed-signers.ts'

const PUBLIC_KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const file = z.string().min(1)

/** Only the platform says whose signature counts; a repository cannot. */
export const VerifySchema = z.strictObject({
  tags: z
    .enum(['off', 'warn', 'require'])
    .describe(
      'Whether a new release tag that is not signed by one of these counts: yes; yes, and it is told; no.',
    ),
  allowedSigners: z
    .union([z.string(), z.array(z.string())])
    .default('')
    .transform((lines) => [lines].flat().join('\n'))
    .describe("SSH keys, as in OpenSSH's allowed_signers: a text, or its lines."),
  allowedSignersFile: file.optional().describe('A file with more of them, beside this one.'),
  gpgKeys: z
    .array(z.string())
    .default([])
    .describe('OpenPGP public keys, as "gpg --armor --export" gives them.'),
  gpgKeyFiles: z.array(file).optional().describe('Files with more of them, beside this one.'),
})

type VerifySettings = z.output<typeof VerifySchema>

/** All keys in it, wherever they were written. */
export type VerifyConfig = Omit<VerifySettings, 'allowedSignersFile' | 'gpgKeyFiles'>

/** Puts the content of the files in, relative to `folder`. Rejects where one cannot be read. */
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

/** What is wrong with the settings of a source, as a sentence; `undefined` where nothing is. */
export function verifyProblem(name: string, settings: VerifySettings): string | undefined {
  const { tags, allowedSigners, gpgKeys, allowedSignersFile, gpgKeyFiles } = settings
  const of = `"verify" of the source "${name}"`
  if ((allowedSignersFile ?? gpgKeyFiles) !== undefined)
    return `${of} names files, and this document has none beside it; write the keys themselves into "allowedSigners" and "gpgKeys".`
  const bad = gpgKeys.findIndex((key) => !key.includes(PUBLIC_KEY) || key.includes('PRIVATE KEY'))
  if (bad >= 0)
    return `${of}: gpgKeys[${bad}] is no armored public key; write what "gpg --armor --export" prints.`
  const problem = allowedSignersProblem(allowedSigners)
  if (problem !== undefined) return `${of}: ${problem}`
  const nobody = gpgKeys.length === 0 && allowedSigners.replaceAll(/^\s*(#.*)?$/gm, '').trim() === ''
  if (tags !== 'off' && nobody)
    return `${of} says nobody who may sign; add "allowedSigners" or "gpgKeys", or set "tags" to off.`
  return undefined
}
