import { z } from 'zod'
import type { CommitInfo } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { missingCommit } from './errors.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

export interface CommitFacts extends CommitInfo {
  readonly tree: Oid
}

export interface Commits {
  /** Throws `object_missing`. */
  read(oid: Oid, signal?: AbortSignal): Promise<CommitFacts>
  /** The commits that exist, with as few requests as possible. */
  readMany(oids: readonly Oid[], signal?: AbortSignal): Promise<ReadonlyMap<Oid, CommitFacts>>
  /** Only from the cache. */
  known(oid: Oid): Promise<CommitFacts | undefined>
}

const BATCH = 100
const FIELDS = '__typename oid ... on Commit { tree { oid } author { name email } committedDate }'

const factsSchema: z.ZodType<CommitFacts> = z.object({
  tree: oidSchema,
  author: z.string(),
  committedAt: z.string(),
})
const answerSchema = z.union([
  z.object({
    __typename: z.literal('Commit'),
    oid: oidSchema,
    tree: z.object({ oid: oidSchema }),
    author: z.object({ name: z.string().nullable(), email: z.string().nullable() }),
    committedDate: z.iso.datetime({ offset: true }),
  }),
  z.object({ __typename: z.enum(['Tree', 'Blob', 'Tag']), oid: oidSchema }),
])

export function createCommits(api: GitHubApi, store: Store): Commits {
  const known: Commits['known'] = (oid) => store.json(`commit ${oid}`, factsSchema)

  const readMany: Commits['readMany'] = async (oids, signal) => {
    const found = new Map<Oid, CommitFacts>()
    const unknown: Oid[] = []
    for (const oid of new Set(oids)) {
      const facts = await known(oid)
      if (facts) found.set(oid, facts)
      else unknown.push(oid)
    }
    for (const batch of batches(unknown, BATCH)) {
      const answers = await queryObjects(api, 'ReadCommits', batch, FIELDS, answerSchema, signal)
      for (const answer of answers) {
        if (answer?.__typename !== 'Commit') continue
        const facts = factsOf(answer)
        found.set(answer.oid, facts)
        await store.setJson(`commit ${answer.oid}`, facts)
      }
    }
    return found
  }

  return {
    known,
    readMany,
    async read(oid, signal) {
      const facts = (await readMany([oid], signal)).get(oid)
      if (facts === undefined) throw missingCommit(oid)
      return facts
    },
  }
}

function factsOf(answer: Extract<z.infer<typeof answerSchema>, { __typename: 'Commit' }>): CommitFacts {
  const { tree, author, committedDate } = answer
  return {
    tree: tree.oid,
    author: `${author.name ?? ''} <${author.email ?? ''}>`,
    committedAt: new Date(committedDate).toISOString(),
  }
}
