import { execFile, execFileSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestRepository } from './git-repository.ts'
import { scratchFolder } from './scratch.ts'

const run = promisify(execFile)

/** Why tags cannot be signed here; `undefined` if they can. */
export function signingMissing(): string | undefined {
  const missing = ['ssh-keygen', 'gpg', 'gpgconf'].filter((program) => !isThere(program))
  return missing.length === 0 ? undefined : `${missing.join(' and ')} cannot be started`
}

export type SshKeyType = 'ed25519' | 'ecdsa' | 'rsa'

/** A real key pair created with `ssh-keygen`. */
export interface SshKey {
  readonly path: string
  /** Type and key, as in a line of allowed_signers. */
  readonly publicKey: string
  /** The armored signature of `ssh-keygen -Y sign`. */
  sign(payload: Uint8Array, namespace?: string, options?: readonly string[]): Promise<string>
}

export async function sshKey(type: SshKeyType = 'ed25519', bits?: number): Promise<SshKey> {
  const folder = await scratchFolder()
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

/** The verdict of `ssh-keygen` on a signature, called like git calls it. `time` is `YYYYMMDDHHMMSS` in UTC. */
export async function sshKeygenAgrees(
  payload: Uint8Array,
  armored: string,
  allowedSigners: string,
  time: string,
): Promise<boolean> {
  const folder = await scratchFolder()
  const [signers, signature] = [join(folder, 'signers'), join(folder, 'signature')]
  await writeFile(signers, allowedSigners)
  await writeFile(signature, armored)
  const common = ['-f', signers, '-s', signature, `-Overify-time=${time}`]
  // Older versions only accept times in the machine's time zone.
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

/**
 * Signs with git, as people do. `key` is the path of a private SSH key, or a fingerprint if `gpg` is the program.
 */
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
  const file = join(await scratchFolder(), 'signers')
  await writeFile(file, signers ?? '')
  const config = [`gpg.ssh.allowedSignersFile=${file}`, ...(gpg === undefined ? [] : [`gpg.program=${gpg}`])]
  const verifying = repository.git(...config.flatMap((one) => ['-c', one]), 'verify-tag', name)
  return await verifying.then(
    () => true,
    () => false,
  )
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, [program === 'ssh-keygen' ? '-?' : '--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // It started, but does not know the option.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
