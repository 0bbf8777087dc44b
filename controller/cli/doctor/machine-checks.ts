import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { localEnvironment } from '../../source/git/environment.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { fail, type InstallationCheck, ok, warn } from './check.ts'

const NODE = [22, 18] as const
/** Older ones lack options of `git fetch` that the cache needs. */
const GIT = [2, 29] as const

export function nodeCheck(version: string): InstallationCheck {
  if (isAtLeast(version, NODE)) return ok('node', version)
  return fail('node', `${version} is too old.`, `Install Node ${NODE.join('.')} or newer.`)
}

export async function gitCheck({ env }: Pick<CliRuntime, 'env'>): Promise<InstallationCheck> {
  const install = `Install git ${GIT.join('.')} or newer, on the PATH.`
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env: localEnvironment(env) })
    const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? ''
    return isAtLeast(version, GIT) ? ok('git', version) : fail('git', `${version} is too old.`, install)
  } catch (error) {
    return fail('git', `git cannot be run: ${(error as Error).message.split('\n')[0]}.`, install)
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ours = 0, next = 0] = version.replace(/^v/, '').split('.').map(Number)
  return ours > major || (ours === major && next >= minor)
}

/** GitHub refuses the token of an App after a minute, AWS a signed request after five. */
const MOST_SKEW_MS = 30_000
const TIMEOUT_MS = 10_000

/** Compares the clock with the `Date` header of a server. */
export async function clockCheck(
  url: string | null,
  { fetch, now }: Pick<CliRuntime, 'fetch' | 'now'>,
): Promise<InstallationCheck> {
  const unknown = (why: string) =>
    ok('clock', `${new Date(now()).toISOString()}; not compared, because ${why}`)
  if (url === null) return unknown('no server is configured')
  try {
    const { headers } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const date = Date.parse(headers.get('date') ?? '')
    if (Number.isNaN(date)) return unknown(`${new URL(url).host} sends no time`)
    return judgeSkew(now() - date, new URL(url).host)
  } catch {
    return unknown(`${new URL(url).host} did not answer`)
  }
}

/** `skewMs`: how far this clock is ahead. A `Date` header has whole seconds. */
export function judgeSkew(skewMs: number, host: string): InstallationCheck {
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return ok('clock', `agrees with ${host}`)
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const side = skewMs > 0 ? 'ahead of' : 'behind'
  return warn(
    'clock',
    `This clock is ${seconds} s ${side} ${host}.`,
    'Set it by NTP, such as with "timedatectl set-ntp true". GitHub and AWS refuse requests with a wrong time.',
  )
}
