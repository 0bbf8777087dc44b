/** A repository's address without the user and password that a URL may carry. */
export function publicRepository(repository: string): string {
  // An invalid URL is refused later, but its password must not appear in messages until then.
  if (!URL.canParse(repository)) return repository.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/).*@/, '$1')
  const url = new URL(repository)
  if (url.username === '' && url.password === '') return repository
  url.username = ''
  url.password = ''
  return url.href
}
