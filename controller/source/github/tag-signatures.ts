import { z } from 'zod'
import type { Oid, TagSignature } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { GitHubFailure, missingTag, notUnderstood } from './errors.ts'
import { checkOid, oidSchema } from './objects.ts'

/** GitHub's own judgement, `verified`, is about keys that people gave to GitHub: it is not asked for. */
const answerSchema = z.object({
  sha: oidSchema,
  verification: z.object({ payload: z.string().nullable(), signature: z.string().nullable() }),
})

const knownSchema = z.object({ payload: z.string(), armored: z.string() }).nullable()
type Known = z.infer<typeof knownSchema>

/** What one view may still read, and where. */
export interface TagBudget {
  readonly api: GitHubApi
  readonly store: Store
  /** Of tag objects that are not known yet; counted down. */
  left: number
}

/** One request a tag object that was never asked for; GraphQL does not tell signatures of tags. */
export async function tagSignatures(
  budget: TagBudget,
  objects: Iterable<Oid>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, TagSignature | null>> {
  const { store } = budget
  const signatures = new Map<Oid, TagSignature | null>()
  for (const oid of new Set(objects)) {
    const kept = await store.json(keyOf(checkOid(oid)), knownSchema)
    if (kept === undefined && budget.left === 0) continue
    const known = kept === undefined ? await fetchTag(budget, oid, signal) : kept
    signatures.set(oid, known && { payload: Buffer.from(known.payload), armored: known.armored })
  }
  return signatures
}

async function fetchTag(budget: TagBudget, oid: Oid, signal?: AbortSignal): Promise<Known> {
  budget.left--
  const { payload, signature } = await ask(budget.api, oid, signal)
  const fetched = payload === null || signature === null ? null : { payload, armored: signature }
  await budget.store.setJson(keyOf(oid), fetched)
  return fetched
}

function keyOf(oid: Oid): string {
  return `tag ${oid}`
}

async function ask(api: GitHubApi, oid: Oid, signal?: AbortSignal) {
  try {
    const answer = await api.get('git/tags/{tag_sha}', answerSchema, { parameters: { tag_sha: oid }, signal })
    if (answer === 'unchanged' || answer.data.sha !== oid) throw notUnderstood(`not the tag object ${oid}`)
    return answer.data.verification
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) throw missingTag(oid)
    throw error
  }
}
