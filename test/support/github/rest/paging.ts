import type { Answer, Call } from '../types.ts'

/** A page of a list, with the URL of the next one. */
export function paged({ query, github, path }: Call, items: readonly unknown[]): Answer {
  const size = Number(query.get('per_page') ?? 30)
  const page = Number(query.get('page') ?? 1)
  const next = new URLSearchParams(query)
  next.set('page', String(page + 1))
  return {
    status: 200,
    body: items.slice((page - 1) * size, page * size),
    ...(page * size < items.length && {
      headers: { link: `<${github.apiUrl}${path}?${next}>; rel="next"` },
    }),
  }
}
