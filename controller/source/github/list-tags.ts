import { z } from 'zod'
import { type Oid, SourceError, type TagRef } from '../git-source.ts'
import { parse } from './answers.ts'
import type { GitHubApi } from './api.ts'
import type { Listing } from './list-refs.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

const TAGS = 'refs/tags/'
const BATCH = 100
const ATTEMPTS = 3
const AGAIN_MS = 1000

const refsSchema = z.array(
  z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: oidSchema }) }),
)
type Refs = z.infer<typeof refsSchema>

/** Each tag, the object that its ref names, and the commit that this comes to; `null` where it is no commit. */
const knownSchema = z.object({
  etag: z.string().optional(),
  tags: z.array(z.tuple([z.string(), oidSchema, oidSchema.nullable()])),
})
type Known = z.infer<typeof knownSchema>

/**
 * All tags with their commits, sorted. The names come in one answer, so no push can slip between two pages; GraphQL
 * counts them independently, and peels the annotated ones that were not seen before.
 */
export async function listTags(listing: Listing): Promise<TagRef[]> {
  const { store, pause, signal } = listing
  const before = await store.json('tags', knownSchema)
  for (let attempt = 1; ; attempt++) {
    const listed = await allTagRefs(listing.api, before?.etag, signal)
    if (listed === 'unchanged') {
      if (before) return tagsOf(before)
      throw incomplete('unchanged since never')
    }
    const { count, commits } = await countAndPeel(listing.api, listed.refs, before, signal)
    if (listed.refs.length >= count) {
      const tags = listed.refs.map(({ ref, object }): Known['tags'][number] => [
        ref.slice(TAGS.length),
        object.sha,
        commits.get(object.sha) ?? null,
      ])
      await store.setJson('tags', { etag: listed.etag, tags })
      return tagsOf({ tags })
    }
    // A tag may have been pushed between the two; then they agree when asked again.
    if (attempt === ATTEMPTS) throw incomplete(`${listed.refs.length} of ${count} tags`)
    await pause(AGAIN_MS * attempt, signal).catch(() => undefined)
  }
}

async function allTagRefs(
  api: GitHubApi,
  etag: string | undefined,
  signal?: AbortSignal,
): Promise<{ refs: Refs; etag: string | undefined } | 'unchanged'> {
  const parameters = { ref: 'tags' }
  const first = await api.get('git/matching-refs/{ref}', refsSchema, { parameters, etag, signal })
  if (first === 'unchanged') return first
  const refs = [...first.data]
  for (let { next } = first; next !== undefined; ) {
    const page = await api.get(next, refsSchema, { signal })
    if (page === 'unchanged') throw incomplete('a page without content')
    refs.push(...page.data)
    next = page.next
  }
  // `tags` also matches refs/tagsother/x. The ETag of a first page says nothing about the others.
  return {
    refs: refs.filter(({ ref }) => ref.startsWith(TAGS)),
    etag: first.next === undefined ? first.etag : undefined,
  }
}

/** How many tags there are by another count, and the commit of each object that a tag names. */
async function countAndPeel(
  api: GitHubApi,
  refs: Refs,
  before: Known | undefined,
  signal?: AbortSignal,
): Promise<{ count: number; commits: Map<Oid, Oid | null> }> {
  const commits = new Map(before?.tags.map(([, oid, commit]) => [oid, commit]))
  for (const { object } of refs)
    if (object.type !== 'tag') commits.set(object.sha, object.type === 'commit' ? object.sha : null)
  const unknown = [...new Set(refs.map(({ object }) => object.sha))].filter((oid) => !commits.has(oid))
  for (const batch of batches(unknown, BATCH))
    for (const [tag, commit] of await peel(api, batch, signal)) commits.set(tag, commit)
  const fields = `refs(refPrefix: "${TAGS}", first: 1) { totalCount }`
  const answer = await api.query('CountTags', fields, countSchema, signal)
  return { count: answer.refs.totalCount, commits }
}

const countSchema = z.object({ refs: z.object({ totalCount: z.int().min(0) }) })

interface Target {
  readonly __typename: string
  readonly oid: Oid
  readonly target?: Target | undefined
}
const targetSchema: z.ZodType<Target> = z.lazy(() =>
  z.object({ __typename: z.string(), oid: oidSchema, target: targetSchema.optional() }),
)
const NAMED = '__typename oid'
// Three tags deep in one question; deeper ones are asked again from where it ended.
const TARGET = `${NAMED} ... on Tag { target { ${NAMED} ... on Tag { target { ${NAMED} ... on Tag { target { ${NAMED} } } } } } }`

async function peel(
  api: GitHubApi,
  tags: readonly Oid[],
  signal?: AbortSignal,
): Promise<Map<Oid, Oid | null>> {
  const peeled = new Map<Oid, Oid | null>()
  let open = new Map(tags.map((tag) => [tag, tag]))
  while (open.size > 0) {
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

function lastTarget(target: Target): Target {
  return target.target ? lastTarget(target.target) : target
}

function tagsOf({ tags }: Pick<Known, 'tags'>): TagRef[] {
  return tags
    .flatMap(([name, object, commit]): TagRef[] => {
      if (commit === null) return []
      return [object === commit ? { name, commit } : { name, commit, object }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function incomplete(words: string): SourceError {
  const sentence = 'GitHub did not list every tag: nothing is concluded from that, and it is asked again.'
  return new SourceError('unreachable', sentence, { cause: new Error(words) })
}
