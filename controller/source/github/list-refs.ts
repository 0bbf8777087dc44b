import { z } from 'zod'
import { type RefListing, SourceError } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { GitHubFailure } from './errors.ts'
import { listTags } from './list-tags.ts'
import { oidSchema } from './objects.ts'

export interface Listing {
  readonly api: GitHubApi
  readonly store: Store
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

const HEADS = 'refs/heads/'
const repositorySchema = z.object({ default_branch: z.string() })
const refSchema = z.object({ ref: z.string(), object: z.object({ sha: oidSchema }) })

/**
 * Two requests, three where no branch is named; where nothing moved they cost no quota. The tags come first:
 * then a tag pushed together with its commit is never seen without it.
 */
export async function listRefs(listing: Listing, wanted: string | undefined): Promise<RefListing> {
  try {
    const tags = await listTags(listing)
    const branch = wanted ?? (await remembered(listing, 'repository', '', repositorySchema)).default_branch
    const { ref, object } = await branchHead(listing, branch)
    if (ref !== HEADS + branch) throw branchMissing(branch)
    return { branch, commit: object.sha, tags }
  } catch (error) {
    // "Git Repository is empty."
    if (error instanceof GitHubFailure && error.status === 409)
      throw new SourceError('branch_missing', 'The repository is empty: push a first commit.')
    throw error
  }
}

async function branchHead(listing: Listing, branch: string): Promise<z.infer<typeof refSchema>> {
  try {
    return await remembered(listing, `branch ${branch}`, 'git/ref/{ref}', refSchema, {
      ref: `heads/${branch}`,
    })
  } catch (error) {
    // The tags of the repository were just listed, so the repository is there.
    if (error instanceof GitHubFailure && error.status === 404) throw branchMissing(branch)
    throw error
  }
}

/** The last answer, where the host says that it still holds. */
async function remembered<T>(
  { api, store, signal }: Listing,
  key: string,
  route: string,
  schema: z.ZodType<T>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<T> {
  const known = await store.json(key, z.object({ etag: z.string(), data: schema }))
  const answer = await api.get(route, schema, { parameters, etag: known?.etag, signal })
  if (answer !== 'unchanged') {
    if (answer.etag !== undefined) await store.setJson(key, { etag: answer.etag, data: answer.data })
    return answer.data
  }
  if (known) return known.data as T
  throw new SourceError(
    'unreachable',
    'GitHub calls an answer unchanged that it never gave: it is asked again.',
  )
}

function branchMissing(branch: string): SourceError {
  const sentence = `The repository has no branch "${branch}": push it, or name another branch in this source.`
  return new SourceError('branch_missing', sentence)
}
