import { z } from 'zod'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import type { Commits } from './commits.ts'
import { GitHubFailure, notUnderstood } from './errors.ts'
import { oidSchema } from './objects.ts'

interface MergeBaseQuery {
  readonly api: GitHubApi
  readonly store: Store
  readonly commits: Commits
}

const answerSchema = z.object({ merge_base_commit: z.object({ sha: oidSchema }) })
const knownSchema = oidSchema.nullable()

/** One request, or none if the result is cached. Throws `object_missing` for either commit. */
export async function mergeBase(
  { api, store, commits }: MergeBaseQuery,
  [a, b]: readonly [Oid, Oid],
  signal: AbortSignal,
): Promise<Oid | null> {
  const key = `merge base ${a} ${b}`
  const known = await store.json(key, knownSchema)
  if (known !== undefined) return known
  const found = await compare(api, a, b, signal)
  // Either a commit is missing, or the histories are unrelated.
  if (found === null) for (const oid of [a, b]) await commits.read(oid, signal)
  await store.setJson(key, found)
  return found
}

async function compare(api: GitHubApi, a: Oid, b: Oid, signal: AbortSignal): Promise<Oid | null> {
  // The first page has the content of every changed file, so the second page is requested.
  const parameters = { basehead: `${a}...${b}`, per_page: '1', page: '2' }
  try {
    const answer = await api.get('compare/{basehead}', answerSchema, { parameters, signal })
    if (answer === 'unchanged') throw notUnderstood('a comparison without content')
    return answer.data.merge_base_commit.sha
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) return null
    throw error
  }
}
