import { z } from 'zod'
import type { RefListing } from '../git-source.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import { GitHubFailure, notUnderstood } from './errors.ts'
import { listBranches } from './list-branches.ts'
import { listEvidence } from './list-evidence.ts'
import { listTags } from './list-tags.ts'
import type { RefQuery } from './matching-refs.ts'
import { oidSchema } from './objects.ts'

const HEADS = 'refs/heads/'
const repositorySchema = z.object({ default_branch: z.string() })
const refSchema = z.object({ ref: z.string(), object: z.object({ sha: oidSchema }) })

export interface WantedRefs {
  /** The tracked branch. Default: the repository's default branch. */
  readonly branch: string | undefined
  readonly isReleaseBranch: ((name: string) => boolean) | undefined
  readonly evidence?: boolean | undefined
}

/**
 * Two requests, one more without a configured branch, and one more with evidence. They cost no quota if nothing moved. Tags are listed before
 * branches, so that a tag is never listed without the commits that were pushed with it.
 */
export async function listRefs(listing: RefQuery, wanted: WantedRefs): Promise<RefListing> {
  try {
    const tags = await listTags(listing)
    const branch =
      wanted.branch ?? (await remembered(listing, 'repository', '', repositorySchema)).default_branch
    const branches = await branchesOf(listing, branch, wanted.isReleaseBranch)
    return { branch, ...branches, tags, ...(wanted.evidence && { evidence: await listEvidence(listing) }) }
  } catch (error) {
    // "Git Repository is empty."
    if (error instanceof GitHubFailure && error.status === 409)
      throw sourceError('empty', 'The repository is empty.')
    throw error
  }
}

async function branchesOf(
  listing: RefQuery,
  branch: string,
  isReleaseBranch: WantedRefs['isReleaseBranch'],
): Promise<Pick<RefListing, 'commit' | 'branches'>> {
  if (isReleaseBranch === undefined) {
    const { ref, object } = await branchHead(listing, branch)
    if (ref !== HEADS + branch) throw branchMissing(branch)
    return { commit: object.sha, branches: [] }
  }
  const heads = await listBranches(listing, (name) => name === branch || isReleaseBranch(name))
  const tracked = heads.find(({ name }) => name === branch)
  if (tracked === undefined) throw branchMissing(branch)
  return { commit: tracked.commit, branches: heads.filter((head) => head !== tracked) }
}

async function branchHead(listing: RefQuery, branch: string): Promise<z.infer<typeof refSchema>> {
  try {
    return await remembered(listing, `branch ${branch}`, 'git/ref/{ref}', refSchema, {
      ref: `heads/${branch}`,
    })
  } catch (error) {
    // The tags were just listed, so the repository exists.
    if (error instanceof GitHubFailure && error.status === 404) throw branchMissing(branch)
    throw error
  }
}

/** Returns the cached response if the host confirms it. */
async function remembered<T>(
  { api, store, signal }: RefQuery,
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
  throw notUnderstood('an unchanged response that was never cached')
}

function branchMissing(branch: string): SourceError {
  return sourceError('branch_missing', `The repository has no branch "${branch}".`)
}
