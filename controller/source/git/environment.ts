import type { Remote } from './remote.ts'

export type Environment = Readonly<Record<string, string | undefined>>

// A list of what may pass, since git has dozens of variables that run programs, trace secrets or move files.
const LOCAL = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LD_LIBRARY_PATH', 'XDG_CONFIG_HOME']
const GIT = ['GIT_EXEC_PATH', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']
const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']
const REMOTE = [
  ...['SSH_AUTH_SOCK', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_SSL_CERT', 'GIT_SSL_KEY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...PROXIES,
]

/** For commands that stay on this machine: no credentials, no proxies, and no transport is allowed. */
export function localEnvironment(env: Environment): Record<string, string> {
  return { ...pick(env, [...LOCAL, ...GIT]), ...ALWAYS, GIT_ALLOW_PROTOCOL: '' }
}

/** For commands that talk to the remote. Credentials travel here: arguments are public on a machine. */
export function remoteEnvironment(env: Environment, remote: Remote): Record<string, string> {
  const base = {
    ...pick(env, [...LOCAL, ...GIT, ...REMOTE]),
    ...ALWAYS,
    GIT_ALLOW_PROTOCOL: remote.protocols,
  }
  if (remote.authorization === undefined) return base
  const settings: [string, string][] = [
    [`http.${remote.authorization.origin}/.extraHeader`, remote.authorization.header],
    // No helper may offer, store or erase other credentials than the ones given.
    ['credential.helper', ''],
    // Git would send the header on to whatever host a redirect names.
    ['http.followRedirects', 'false'],
  ]
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return { ...base, GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) }
}

/** Passwords of the proxies: git prints a proxy's address when it cannot reach it. */
export function proxySecrets(env: Environment): string[] {
  return Object.values(pick(env, PROXIES)).flatMap((address) => {
    const url = URL.parse(address)
    return url === null || url.password === '' ? [] : [url.password, decodeURIComponent(url.password)]
  })
}

// LC_ALL: the sentences for people are chosen by git's own words. No prompt: nobody is there to answer. No lazy
// fetch (git 2.45 and newer listen): what is missing is asked for in one request, by us.
const ALWAYS = { LANG: 'C', LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' }

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
