import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { scratchFolder } from './scratch.ts'

const run = promisify(execFile)

/** A GnuPG home with its own agent, which stops with the test. */
export interface GpgHome {
  gpg(...args: readonly string[]): Promise<string>
  /** Signs at another time than now, `YYYYMMDDTHHMMSS`. */
  gpgAt(time: string, ...args: readonly string[]): Promise<string>
  /** Creates a signing key and returns its fingerprint. */
  key(owner: string, options?: { readonly expire?: string; readonly at?: string }): Promise<string>
  /** A program for git's `gpg.program`, optionally with more options. */
  program(...options: readonly string[]): Promise<string>
  export(fingerprint: string): Promise<string>
  revoke(fingerprint: string): Promise<void>
  /** An armored signature of the text with the only key in this home. */
  sign(text: string): Promise<string>
  readonly folder: string
}

export async function gpgHome(): Promise<GpgHome> {
  const folder = await scratchFolder()
  await chmod(folder, 0o700)
  onTestFinished(async () => void (await run('gpgconf', ['--homedir', folder, '--kill', 'all'])))
  const common = [
    '--homedir',
    folder,
    '--batch',
    '--quiet',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
  ]
  const gpg = async (...args: readonly string[]) => (await run('gpg', [...common, ...args])).stdout
  const home: GpgHome = {
    folder,
    gpg,
    gpgAt: (time, ...args) => gpg('--faked-system-time', `${time}!`, ...args),
    async key(owner, { expire = '0', at } = {}) {
      const make = ['--quick-gen-key', owner, 'ed25519', 'sign', expire]
      await (at === undefined ? gpg(...make) : home.gpgAt(at, ...make))
      return /^fpr:+(\w+):$/m.exec(await gpg('--with-colons', '--list-keys', owner))?.[1] ?? ''
    },
    async program(...options) {
      const path = join(folder, `gpg-${options.join('-')}`)
      const fixed = `--homedir ${folder} --batch --pinentry-mode loopback --passphrase ''`
      await writeFile(path, `#!/bin/sh\nexec gpg ${fixed} ${options.join(' ')} "$@"\n`, { mode: 0o755 })
      return path
    },
    export: (fingerprint) => gpg('--armor', '--export', fingerprint),
    async sign(text) {
      const file = join(folder, 'text')
      await writeFile(file, text)
      return await gpg('--detach-sign', '--armor', '--output', '-', file)
    },
    async revoke(fingerprint) {
      const file = join(folder, 'openpgp-revocs.d', `${fingerprint}.rev`)
      // GnuPG prefixes it with a colon to prevent an import by mistake.
      await writeFile(file, (await readFile(file, 'utf8')).replace(':-----BEGIN', '-----BEGIN'))
      await gpg('--import', file)
    },
  }
  return home
}
