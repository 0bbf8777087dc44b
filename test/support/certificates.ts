import { execFile, execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Certificate {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

/** A certificate authority that no machine trusts. */
export interface Authority {
  /** A file with its own certificate, for clients that must trust it. */
  readonly file: string
  /** A certificate for names like `DNS:localhost` or `IP:127.0.0.1`. With negative days it has expired. */
  certify(names: readonly string[], days?: number): Promise<Certificate>
}

/** Why certificates cannot be created here; `undefined` if they can. */
export function certificatesMissing(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'openssl is not installed'
  }
}

export async function createAuthority(folder: string): Promise<Authority> {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => run('openssl', args)
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  const ca = ['-keyout', path('ca.key'), '-out', path('ca.pem'), '-subj', '/CN=Test authority', '-days', '2']
  await openssl('req', '-x509', ...newKey, ...ca, '-addext', 'basicConstraints=critical,CA:TRUE')
  let count = 0
  return {
    file: path('ca.pem'),
    async certify(names, days = 2) {
      const [key, request, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map((end) =>
        path(`s${count}.${end}`),
      )
      count++
      if (!key || !request || !cert || !extensions) throw new Error('no paths')
      await openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=test')
      await writeFile(extensions, `subjectAltName=${names.join(',')}\n`)
      const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial']
      await openssl(
        'x509',
        '-req',
        '-in',
        request,
        ...signer,
        '-out',
        cert,
        '-days',
        String(days),
        '-extfile',
        extensions,
      )
      return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    },
  }
}
