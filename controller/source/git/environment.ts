import type { Environment } from '../../../api/contract/index.ts'
import type { Remote } from './remote.ts'
import { httpSilenceSettings, traceVariables } from './remote-watch.ts'
import type { GitTimeouts } from './timeouts.ts'

// An allowlist, because git has dozens of variables that run programs, trace secrets or move files.
const LOCAL = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LD_LIBRARY_PATH', 'XDG_CONFIG_HOME']
const GIT = ['GIT_EXEC_PATH', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']
const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']
const REMOTE = [
  ...['SSH_AUTH_SOCK', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_SSL_CERT', 'GIT_SSL_KEY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...PROXIES,
]

/** The environment of local commands: without credentials, proxies and transports. */
export function localEnvironment(env: Environment): Record<string, string> {
  return { ...pick(env, [...LOCAL, ...GIT]), ...ALWAYS, GIT_ALLOW_PROTOCOL: '' }
}

/** The environment of remote commands. It holds the credentials, because arguments are public on a machine. */
export function remoteEnvironment(
  env: Environment,
  remote: Remote,
  timeouts: GitTimeouts,
): Record<string, string> {
  const base = {
    ...pick(env, [...LOCAL, ...GIT, ...REMOTE]),
    ...ALWAYS,
    ...traceVariables(remote.transport),
    GIT_ALLOW_PROTOCOL: remote.protocols,
  }
  const settings = remote.transport === 'http' ? httpSilenceSettings(timeouts) : []
  if (remote.authorization !== undefined) settings.push(...credentialSettings(remote.authorization))
  if (settings.length === 0) return base
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return { ...base, GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) }
}

function credentialSettings({ origin, header }: NonNullable<Remote['authorization']>): [string, string][] {
  return [
    [`http.${origin}/.extraHeader`, header],
    // No helper may offer, store or erase other credentials.
    ['credential.helper', ''],
    // Git would send the header to any host that a redirect names.
    ['http.followRedirects', 'false'],
  ]
}

/** Passwords of proxies. Git prints the address of an unreachable proxy. */
export function proxySecrets(env: Environment): string[] {
  return Object.values(pick(env, PROXIES)).flatMap((address) => {
    const url = URL.parse(address)
    return url === null || url.password === '' ? [] : [url.password, decodeURIComponent(url.password)]
  })
}

// LC_ALL: diagnoses.ts matches git's English messages. No prompt: nobody can answer. No lazy fetch (since git
// 2.45): fetch.ts fetches missing objects in one request. Refs are files: kept-commits.ts reads them.
const ALWAYS = {
  ...{ LANG: 'C', LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' },
  GIT_DEFAULT_REF_FORMAT: 'files',
}

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
