import { z } from 'zod'
import type { TagRef } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { REF_LIMITS, tooManyRefs } from '../ref-limits.ts'
import { sourceError } from '../source-error.ts'
import { parse } from './answers.ts'
import type { GitHubApi } from './api.ts'
import type { RefQuery } from './matching-refs.ts'
import { incomplete, type MatchingRefs, matchingRefs } from './matching-refs.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

const TAGS = 'refs/tags/'
const BATCH = 100

/** Each tag with the object of its ref and the peeled commit, or `null` without a commit. */
const knownSchema = z.object({
  etag: z.string().optional(),
  tags: z.array(z.tuple([z.string(), oidSchema, oidSchema.nullable()])),
})
type KnownTags = z.infer<typeof knownSchema>

/**
 * All tags with their commits, sorted. GraphQL peels new annotated tags. Throws `too_large`.
 */
export async function listTags(listing: RefQuery, most = REF_LIMITS.refs): Promise<TagRef[]> {
  const { api, store, signal } = listing
  const before = await store.json('tags', knownSchema)
  const listed = await matchingRefs(listing, 'tags', before?.etag)
  if (listed === 'unchanged') {
    if (before) return tagsOf(before)
    throw incomplete('unchanged since never')
  }
  if (listed.refs.length > most) throw tooManyRefs({ refs: most })
  const commits = await commitsOf(api, listed.refs, before, signal)
  const tags = listed.refs.map(({ ref, object }): KnownTags['tags'][number] => [
    ref.slice(TAGS.length),
    object.sha,
    commits.get(object.sha) ?? null,
  ])
  await store.setJson('tags', { etag: listed.etag, tags })
  return tagsOf({ tags })
}

/** The commit of each tagged object. */
async function commitsOf(
  api: GitHubApi,
  refs: MatchingRefs,
  before: KnownTags | undefined,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, Oid | null>> {
  const commits = new Map(before?.tags.map(([, oid, commit]) => [oid, commit]))
  for (const { object } of refs)
    if (object.type !== 'tag') commits.set(object.sha, object.type === 'commit' ? object.sha : null)
  const unknown = [...new Set(refs.map(({ object }) => object.sha))].filter((oid) => !commits.has(oid))
  for (const batch of batches(unknown, BATCH))
    for (const [tag, commit] of await peel(api, batch, signal)) commits.set(tag, commit)
  return commits
}

interface TagTarget {
  readonly __typename: string
  readonly oid: Oid
  readonly target?: TagTarget | undefined
}
const targetSchema: z.ZodType<TagTarget> = z.lazy(() =>
  z.object({ __typename: z.string(), oid: oidSchema, target: targetSchema.optional() }),
)
const NAMED = '__typename oid'
// One query resolves three nested tags. Deeper tags need another query, from the last tag.
const TARGET = `${NAMED} ... on Tag { target { ${NAMED} ... on Tag { target { ${NAMED} ... on Tag { target { ${NAMED} } } } } } }`
// Real tags are not nested thirty deep, and each further level of a malicious chain would cost requests.
const MOST_QUESTIONS = 10

async function peel(
  api: GitHubApi,
  tags: readonly Oid[],
  signal?: AbortSignal,
): Promise<Map<Oid, Oid | null>> {
  const peeled = new Map<Oid, Oid | null>()
  let open = new Map(tags.map((tag) => [tag, tag]))
  for (let asked = 0; open.size > 0; asked++) {
    const [nested] = open.keys()
    if (asked === MOST_QUESTIONS && nested !== undefined) throw nestedTooDeep(nested)
    const answers = await queryObjects(api, 'PeelTags', [...open.values()], TARGET, targetSchema, signal)
    const deeper = new Map<Oid, Oid>()
    for (const [index, tag] of [...open.keys()].entries()) {
      const end = lastTarget(parse(targetSchema, answers[index]))
      if (end.__typename === 'Tag') deeper.set(tag, end.oid)
      else peeled.set(tag, end.__typename === 'Commit' ? end.oid : null)
    }
    open = deeper
  }
  return peeled
}

function lastTarget(target: TagTarget): TagTarget {
  return target.target ? lastTarget(target.target) : target
}

function tagsOf({ tags }: Pick<KnownTags, 'tags'>): TagRef[] {
  return tags
    .flatMap(([name, object, commit]): TagRef[] => {
      if (commit === null) return []
      return [object === commit ? { name, commit } : { name, commit, object }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function nestedTooDeep(object: Oid) {
  const happened = `The tag object ${object} is a tag of a tag, more than ${3 * MOST_QUESTIONS} deep.`
  return sourceError('too_large', happened, { next: 'Delete its tag.', object })
}
