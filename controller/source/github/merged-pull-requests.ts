import { z } from 'zod'
import type { MergedPullRequest } from '../merged-pull-request.ts'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

/** GitHub counts the nodes of a query: 25 commits with 5 pull requests of 20 reviews each cost one point. */
const BATCH = 25
const REVIEWS = 'latestOpinionatedReviews(first: 20, writersOnly: true) { nodes { state author { login } } }'
const FIELDS = `... on Commit { associatedPullRequests(first: 5) { nodes { number merged mergedAt mergeCommit { oid } author { login } ${REVIEWS} } } }`

/** GitHub may leave out data that the token may not see. */
function nodes<T>(schema: z.ZodType<T>) {
  return z.array(schema.nullable()).transform((all) => all.filter((node) => node !== null))
}

const actorSchema = z.object({ login: z.string() }).nullable()
const pullRequestSchema = z.object({
  number: z.int().positive(),
  merged: z.boolean(),
  mergedAt: z.string().nullable(),
  mergeCommit: z.object({ oid: oidSchema }).nullable(),
  author: actorSchema,
  latestOpinionatedReviews: z
    .object({ nodes: nodes(z.object({ state: z.string(), author: actorSchema })) })
    .nullable(),
})
type PullRequest = z.infer<typeof pullRequestSchema>
const answerSchema = z.object({
  associatedPullRequests: z.object({ nodes: nodes(pullRequestSchema) }).nullish(),
})

/** One query per 25 commits. Throws `SourceError`s. */
export async function mergedPullRequests(
  api: GitHubApi,
  commits: readonly Oid[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, MergedPullRequest | null>> {
  const found = new Map<Oid, MergedPullRequest | null>()
  for (const batch of batches(commits, BATCH)) {
    const answers = await queryObjects(api, 'ReadPullRequests', batch, FIELDS, answerSchema, signal)
    for (const [index, commit] of batch.entries()) {
      const merged = mergedOf(commit, answers[index]?.associatedPullRequests?.nodes ?? [])
      found.set(commit, merged === undefined ? null : facts(merged))
    }
  }
  return found
}

/** The one whose merge made the commit; else the one that was merged last. */
function mergedOf(commit: Oid, all: readonly PullRequest[]): PullRequest | undefined {
  const merged = all.filter((one) => one.merged)
  const newest = merged.toSorted((a, b) => (a.mergedAt ?? '').localeCompare(b.mergedAt ?? '')).at(-1)
  return merged.find(({ mergeCommit }) => mergeCommit?.oid === commit) ?? newest
}

function facts({ number, author, latestOpinionatedReviews }: PullRequest): MergedPullRequest {
  const approvals = (latestOpinionatedReviews?.nodes ?? []).filter(({ state }) => state === 'APPROVED')
  const logins = approvals.flatMap((review) => review.author?.login ?? [])
  return { number, author: author?.login ?? null, approvedBy: [...new Set(logins)].sort() }
}
