import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** OpenSSH's own server for the user who runs the tests, with the settings for clients. */
export interface SshServer {
  readonly port: number
  /** `ssh://` URL of a path. */
  address(path: string): string
  /** `GIT_SSH_COMMAND` of a client that trusts the host and has an accepted key. */
  readonly command: string
  /** `GIT_SSH_COMMAND` of clients that don't know the host, expect another host key, or have a refused key. */
  readonly stranger: string
  readonly deceived: string
  readonly refused: string
  close(): Promise<void>
}

function sshd(): string | undefined {
  for (const path of ['/usr/sbin/sshd', 'sshd']) {
    try {
      const found = execFileSync('sh', ['-c', `command -v ${path}`], { encoding: 'utf8' }).trim()
      return found
    } catch {}
  }
  return undefined
}

/** Why SSH is not available here; `undefined` if it is. */
export function sshMissing(): string | undefined {
  if (sshd() === undefined) return 'sshd is not installed'
  try {
    execFileSync('sh', ['-c', 'command -v ssh && command -v ssh-keygen'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'ssh is not installed'
  }
}

export async function startSshServer(folder: string): Promise<SshServer> {
  await mkdir(folder, { recursive: true })
  const path = (name: string) => join(folder, name)
  for (const name of ['host', 'other-host', 'client', 'other-client'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)])
  const port = await freePort()
  const known = async (name: string, key: string) => {
    const [type, text] = (await readFile(path(`${key}.pub`), 'utf8')).split(' ')
    await writeFile(path(name), `[127.0.0.1]:${port} ${type} ${text}\n`)
  }
  await known('known_hosts', 'host')
  await known('wrong_hosts', 'other-host')
  await writeFile(path('no_hosts'), '')
  await writeFile(path('authorized_keys'), await readFile(path('client.pub')))
  await chmod(path('authorized_keys'), 0o600)
  const config = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${path('host')}`, `PidFile ${path('pid')}`],
    ...[`AuthorizedKeysFile ${path('authorized_keys')}`, 'PermitRootLogin prohibit-password'],
    ...['PasswordAuthentication no', 'UsePAM no', 'StrictModes no', 'LogLevel QUIET'],
  ]
  await writeFile(path('sshd_config'), `${config.join('\n')}\n`)
  // sshd of root needs this folder for privilege separation. An init system would have created it.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const server = spawn(sshd() ?? 'sshd', ['-D', '-e', '-f', path('sshd_config')], { stdio: 'ignore' })
  const ended = once(server, 'close')
  const client = (key: string, hosts: string) =>
    `ssh -F /dev/null -i ${path(key)} -o IdentitiesOnly=yes -o UserKnownHostsFile=${path(hosts)} -o StrictHostKeyChecking=yes`
  const address = (to: string) => `ssh://${userInfo().username}@127.0.0.1:${port}${to}`
  const command = client('client', 'known_hosts')
  await untilAnswers(command, port)
  return {
    ...{ port, address, command },
    stranger: client('client', 'no_hosts'),
    deceived: client('client', 'wrong_hosts'),
    refused: client('other-client', 'known_hosts'),
    async close() {
      server.kill()
      await ended
    },
  }
}

async function untilAnswers(command: string, port: number): Promise<void> {
  const target = `${userInfo().username}@127.0.0.1`
  for (let attempt = 0; attempt < 50; attempt++) {
    const works = await run('sh', ['-c', `${command} -p ${port} ${target} true`]).then(
      () => true,
      () => false,
    )
    if (works) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The SSH server refuses the login of the test.')
}
