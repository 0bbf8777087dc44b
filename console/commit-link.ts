/**
 * The page of a commit on its host, for repositories at an HTTPS or SSH address; else `null`. The address comes from
 * a repository's configuration, so it is parsed and only `https:` links are made.
 */
export function commitLink(repository: string | undefined, commit: string | undefined): string | null {
  if (repository === undefined || commit === undefined || !/^[0-9a-f]{7,64}$/.test(commit)) return null
  const scp = /^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):(?!\/\/)(.+)$/.exec(repository)
  const url = scp === null ? URL.parse(repository) : URL.parse(`ssh://${scp[1]}/${scp[2]}`)
  if (url === null || !['https:', 'ssh:'].includes(url.protocol) || !url.hostname.includes('.')) return null
  const path = url.pathname.replace(/\/+$/, '').replace(/\.git$/, '')
  if (path.split('/').length < 3) return null
  const host = url.protocol === 'https:' ? url.host : url.hostname
  return URL.parse(`https://${host}${path}/${wordFor(url.hostname)}/${commit}`)?.href ?? null
}

function wordFor(host: string): string {
  if (host.includes('gitlab')) return '-/commit'
  return host.includes('bitbucket') ? 'commits' : 'commit'
}
