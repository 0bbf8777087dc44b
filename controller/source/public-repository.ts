/** A repository's address without the user and password that a URL may carry. */
export function publicRepository(repository: string): string {
  // What is no URL is refused later, and must not show its password meanwhile.
  if (!URL.canParse(repository)) return repository.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/).*@/, '$1')
  const url = new URL(repository)
  if (url.username === '' && url.password === '') return repository
  url.username = ''
  url.password = ''
  return url.href
}
