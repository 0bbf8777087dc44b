import { z } from 'zod'
import { type SourceError, sourceError } from '../source-error.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { oidSchema } from './objects.ts'

const refsSchema = z.array(
  z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: oidSchema }) }),
)
export type MatchingRefs = z.infer<typeof refsSchema>

export interface WholeListing {
  readonly refs: MatchingRefs
  /** `undefined` if it does not cover the whole listing. */
  readonly etag: string | undefined
}

const ATTEMPTS = 3
const AGAIN_MS = 1000
// GitHub returns all refs in one response. Pages are followed in case that changes, up to a limit.
const MOST_PAGES = 1000

/**
 * Every ref below a folder of `refs/`. One response has all names, so a push cannot fall between two
 * pages. GraphQL counts them independently.
 */
export async function matchingRefs(
  { api, pause, signal }: RefQuery,
  folder: RefFolder,
  etag: string | undefined,
): Promise<WholeListing | 'unchanged'> {
  for (let attempt = 1; ; attempt++) {
    const listed = await allPages(api, folder, etag, signal)
    if (listed === 'unchanged') return listed
    const count = await countRefs(api, folder, signal)
    if (listed.refs.length >= count) return listed
    // A push may have come between the two requests. Then a retry agrees.
    if (attempt === ATTEMPTS) throw incomplete(`${listed.refs.length} of ${count} ${folder}`)
    await pause(AGAIN_MS * attempt, signal).catch(() => undefined)
  }
}

async function allPages(
  api: GitHubApi,
  folder: string,
  etag: string | undefined,
  signal?: AbortSignal,
): Promise<WholeListing | 'unchanged'> {
  const first = await api.get('git/matching-refs/{ref}', refsSchema, {
    parameters: { ref: folder },
    etag,
    signal,
  })
  if (first === 'unchanged') return first
  const refs = [...first.data]
  let pages = 1
  for (let { next } = first; next !== undefined; pages++) {
    if (pages === MOST_PAGES) throw incomplete(`more than ${MOST_PAGES} pages of ${folder}`)
    const page = await api.get(next, refsSchema, { signal })
    if (page === 'unchanged') throw incomplete('a page without content')
    for (const ref of page.data) refs.push(ref)
    next = page.next
  }
  // `tags` also matches refs/tagsother/x. The ETag of a first page does not cover the others.
  return {
    refs: refs.filter(({ ref }) => ref.startsWith(`refs/${folder}/`)),
    etag: first.next === undefined ? first.etag : undefined,
  }
}

const countSchema = z.object({ refs: z.object({ totalCount: z.int().min(0) }) })
const COUNTS = { tags: 'CountTags', heads: 'CountBranches', 'promptctl/evidence': 'CountEvidence' }
type RefFolder = keyof typeof COUNTS

async function countRefs(api: GitHubApi, folder: RefFolder, signal?: AbortSignal): Promise<number> {
  const fields = `refs(refPrefix: "refs/${folder}/", first: 1) { totalCount }`
  return (await api.query(COUNTS[folder], fields, countSchema, { signal })).refs.totalCount
}

export function incomplete(words: string): SourceError {
  return sourceError('unreachable', 'GitHub did not list every ref, so the listing is not used.', {
    next: 'The controller retries automatically.',
    cause: new Error(words),
  })
}

export interface RefQuery {
  readonly api: GitHubApi
  readonly store: Store
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal | undefined
}
