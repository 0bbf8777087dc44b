/** A repository's host name in lower case; `undefined` for a local repository. */
export function repositoryHost(repository: string): string | undefined {
  return partsOf(repository)?.host
}

/**
 * A key that is the same for every spelling of an address: https or ssh, with or without a user, a port or `.git`.
 * Different repositories can share a key, so use it only to decide which repositories to check again.
 */
export function sameRepositoryKey(repository: string): string {
  const parts = partsOf(repository)
  if (parts === undefined) return repository
  const path = parts.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return `${parts.host}/${path.toLowerCase()}`
}

/**
 * The place of a repository: repositories with the same place take turns. It is the host, or `host/owner` on
 * GitHub, because thousands of owners share that host. A local repository has `localhost`.
 */
export function placeOf(repository: string): string {
  const parts = partsOf(repository)
  if (parts === undefined) return 'localhost'
  const host = parts.host.replace(/\.$/, '')
  if (!isGitHubHost(host)) return host
  const [owner = ''] = parts.path.replace(/^\/+/, '').toLowerCase().split('/')
  return `${host.replace(/^(www|ssh)\.(?=github\.com$)/, '')}/${owner}`
}

/** Whether GitHub runs this host: github.com, or one with data residency. Enterprise servers have other names. */
export function isGitHubHost(host: string): boolean {
  return /^((www|ssh)\.)?github\.com$|\.ghe\.com$/.test(host)
}

function partsOf(repository: string): { readonly host: string; readonly path: string } | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(repository)) {
    const url = URL.parse(repository)
    return url === null || url.hostname === ''
      ? undefined
      : { host: url.hostname.toLowerCase(), path: url.pathname }
  }
  // As in git, a colon before the first slash means a host.
  const [, host, path] = /^(?:[^/:]*@)?([^/:]+):(.*)$/s.exec(repository) ?? []
  return host === undefined || path === undefined ? undefined : { host: host.toLowerCase(), path }
}
