import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { TestRepository } from './git-repository.ts'

const run = promisify(execFile)

/** Why tags cannot be signed here; `undefined` where they can. */
export function signingMissing(): string | undefined {
  const missing = ['ssh-keygen', 'gpg', 'gpgconf'].filter((program) => !isThere(program))
  return missing.length === 0 ? undefined : `${missing.join(' and ')} cannot be started`
}

export type SshKeyType = 'ed25519' | 'ecdsa' | 'rsa'

/** A real key pair of `ssh-keygen`. */
export interface SshKey {
  readonly path: string
  /** Type and key, as they stand in a line of allowed_signers. */
  readonly publicKey: string
  /** The armored signature that `ssh-keygen -Y sign` makes. */
  sign(payload: Uint8Array, namespace?: string, options?: readonly string[]): Promise<string>
}

export async function sshKey(type: SshKeyType = 'ed25519', bits?: number): Promise<SshKey> {
  const folder = await shortFolder()
  const path = join(folder, 'key')
  const size = bits === undefined ? [] : ['-b', String(bits)]
  await run('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', '', '-f', path])
  return {
    path,
    publicKey: (await readFile(`${path}.pub`, 'utf8')).trim(),
    async sign(payload, namespace = 'git', options = []) {
      const file = join(folder, 'payload')
      await rm(`${file}.sig`, { force: true })
      await writeFile(file, payload)
      await run('ssh-keygen', ['-q', '-Y', 'sign', '-f', path, '-n', namespace, ...options, file])
      return await readFile(`${file}.sig`, 'utf8')
    },
  }
}

/** What `ssh-keygen` thinks of a signature, asked as git asks. `time` is `YYYYMMDDHHMMSS` in UTC. */
export async function sshKeygenAgrees(
  payload: Uint8Array,
  armored: string,
  allowedSigners: string,
  time: string,
): Promise<boolean> {
  const folder = await shortFolder()
  const [signers, signature] = [join(folder, 'signers'), join(folder, 'signature')]
  await writeFile(signers, allowedSigners)
  await writeFile(signature, armored)
  const common = ['-f', signers, '-s', signature, `-Overify-time=${time}`]
  // Older ones know no times but those of the machine's own zone.
  const options = { env: { ...process.env, TZ: 'UTC' } }
  const principals = await run('ssh-keygen', ['-Y', 'find-principals', ...common], options).catch(() => ({
    stdout: '',
  }))
  for (const principal of principals.stdout.split('\n').filter((line) => line !== '')) {
    const verifying = run('ssh-keygen', ['-Y', 'verify', '-n', 'git', '-I', principal, ...common], options)
    verifying.child.stdin?.on('error', () => {}).end(payload)
    const good = await verifying.then(
      () => true,
      () => false,
    )
    if (good) return true
  }
  return false
}

/** A home of GnuPG with an agent of its own, which ends with the test. */
export interface GpgHome {
  gpg(...args: readonly string[]): Promise<string>
  /** At another time than now, `YYYYMMDDTHHMMSS`. */
  gpgAt(time: string, ...args: readonly string[]): Promise<string>
  /** A new key that can sign, and its fingerprint. */
  key(owner: string, options?: { readonly expire?: string; readonly at?: string }): Promise<string>
  /** A program for git's `gpg.program`, with more options if given. */
  program(...options: readonly string[]): Promise<string>
  export(fingerprint: string): Promise<string>
  revoke(fingerprint: string): Promise<void>
  readonly folder: string
}

export async function gpgHome(): Promise<GpgHome> {
  const folder = await shortFolder()
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
    async revoke(fingerprint) {
      const file = join(folder, 'openpgp-revocs.d', `${fingerprint}.rev`)
      // GnuPG puts a colon before it, so that nobody imports it by mistake.
      await writeFile(file, (await readFile(file, 'utf8')).replace(':-----BEGIN', '-----BEGIN'))
      await gpg('--import', file)
    },
  }
  return home
}

/** Signs as people do, by git. `key` is a private SSH key's path, or a fingerprint where `gpg` is the program. */
export async function signTag(
  repository: TestRepository,
  name: string,
  { key, gpg, at = 'HEAD' }: { readonly key: string; readonly gpg?: string; readonly at?: string },
): Promise<void> {
  const how = gpg === undefined ? ['-c', 'gpg.format=ssh'] : ['-c', `gpg.program=${gpg}`]
  const tag = ['tag', '-s', '--force', '-m', `release ${name}`, name, at]
  await repository.git(...how, '-c', `user.signingkey=${key}`, ...tag)
}

/** Whether `git verify-tag` accepts the tag. */
export async function gitAgrees(
  repository: TestRepository,
  name: string,
  { signers, gpg }: { readonly signers?: string; readonly gpg?: string },
): Promise<boolean> {
  const file = join(await shortFolder(), 'signers')
  await writeFile(file, signers ?? '')
  const config = [`gpg.ssh.allowedSignersFile=${file}`, ...(gpg === undefined ? [] : [`gpg.program=${gpg}`])]
  const verifying = repository.git(...config.flatMap((one) => ['-c', one]), 'verify-tag', name)
  return await verifying.then(
    () => true,
    () => false,
  )
}

/** The path of GnuPG's socket must be short. */
async function shortFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sign-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, [program === 'ssh-keygen' ? '-?' : '--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // It was started, and does not know the option.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
