/** A repository's host name in lower case; `undefined` for one on this machine. */
export function repositoryHost(repository: string): string | undefined {
  return partsOf(repository)?.host
}

/**
 * The same for every way to write where a repository is: by https or ssh, with or without a user, a port or `.git`.
 * Others may share it by chance, so it is good for saying where to look again and for nothing else.
 */
export function sameRepositoryKey(repository: string): string {
  const parts = partsOf(repository)
  if (parts === undefined) return repository
  const path = parts.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return `${parts.host}/${path.toLowerCase()}`
}

function partsOf(repository: string): { readonly host: string; readonly path: string } | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(repository)) {
    const url = URL.parse(repository)
    return url === null || url.hostname === ''
      ? undefined
      : { host: url.hostname.toLowerCase(), path: url.pathname }
  }
  // As git has it: a colon before the first slash means a host.
  const [, host, path] = /^(?:[^/:]*@)?([^/:]+):(.*)$/s.exec(repository) ?? []
  return host === undefined || path === undefined ? undefined : { host: host.toLowerCase(), path }
}
