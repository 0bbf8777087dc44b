import { RegistryError } from '../contract/errors.ts'
import type { Caller } from '../registry/caller.ts'
import type { Auth, IdentifyingAuth, RequestHead } from './auth.ts'

const LOCAL: Caller = { actor: 'local', access: 'admin', sources: 'any' }

const LOOPBACK_ADDRESS = /^(?:::ffff:)?127(?:\.\d{1,3}){3}$|^::1$/i
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Access without tokens: every caller on this machine is the admin `local`; all others are refused. The user's
 * browser also runs on this machine, so a request must name a loopback host (against DNS rebinding) and must not
 * come from a foreign page (against forged posts, together with the rule that bodies are JSON). `remoteAddress`
 * reads the address of the connection from `env`; an unknown address is not loopback.
 */
export function loopbackAuth(remoteAddress: (env: unknown) => string | undefined): Auth {
  return identifyingLoopbackAuth(remoteAddress).auth
}

/** As `loopbackAuth`, with its first half. */
export function identifyingLoopbackAuth(
  remoteAddress: (env: unknown) => string | undefined,
): IdentifyingAuth {
  return {
    auth(request, env) {
      const problem = problemOf(request, remoteAddress(env))
      if (problem === undefined) return LOCAL
      throw new RegistryError('forbidden', `${problem} Configure a token to allow this.`)
    },
    identify: (request, env) => (problemOf(request, remoteAddress(env)) === undefined ? LOCAL : undefined),
  }
}

function problemOf(request: RequestHead, address: string | undefined): string | undefined {
  if (address === undefined || !LOOPBACK_ADDRESS.test(address)) {
    return 'Without tokens this registry only serves its own machine.'
  }
  const { headers } = request
  if (FORWARDED.some((name) => headers.has(name))) {
    return 'Without tokens this registry rejects requests through a proxy.'
  }
  const host = headers.get('host') ?? new URL(request.url).host
  if (!LOOPBACK_HOST.test(host)) {
    return `Without tokens this registry only serves the hosts localhost, 127.0.0.1 and [::1], not "${host.slice(0, 100)}".`
  }
  const origin = headers.get('origin')
  if (origin === null || isSameOrigin(origin, host)) return undefined
  return `Without tokens this registry rejects cross-origin requests, such as from "${origin.slice(0, 100)}".`
}

function isSameOrigin(origin: string, host: string): boolean {
  const lower = origin.toLowerCase()
  return lower === `http://${host.toLowerCase()}` || lower === `https://${host.toLowerCase()}`
}

/** Whether a server that listens on `host` is reachable only from this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || LOOPBACK_ADDRESS.test(host)
}
