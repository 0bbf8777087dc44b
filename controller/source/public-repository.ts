/** A repository's address without the user and password that a URL may carry. */
export function publicRepository(repository: string): string {
  if (!URL.canParse(repository)) return repository
  const url = new URL(repository)
  if (url.username === '' && url.password === '') return repository
  url.username = ''
  url.password = ''
  return url.href
}
