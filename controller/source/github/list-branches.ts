import { z } from 'zod'
import type { BranchRef } from '../git-source.ts'
import { REF_LIMITS, tooManyRefs } from '../ref-limits.ts'
import type { RefQuery } from './matching-refs.ts'
import { incomplete, matchingRefs } from './matching-refs.ts'
import { oidSchema } from './objects.ts'

const HEADS = 'refs/heads/'
const knownSchema = z.object({
  etag: z.string().optional(),
  heads: z.array(z.tuple([z.string(), oidSchema])),
})

/** The branches that `isWanted` accepts, sorted. Throws `too_large`. */
export async function listBranches(
  listing: RefQuery,
  isWanted: (name: string) => boolean,
  most = REF_LIMITS.refs,
): Promise<BranchRef[]> {
  const branches = (await allHeads(listing)).flatMap(([name, commit]): BranchRef[] =>
    isWanted(name) ? [{ name, commit }] : [],
  )
  if (branches.length > most) throw tooManyRefs({ refs: most })
  return branches.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function allHeads(listing: RefQuery): Promise<z.infer<typeof knownSchema>['heads']> {
  const { store } = listing
  const before = await store.json('heads', knownSchema)
  const listed = await matchingRefs(listing, 'heads', before?.etag)
  if (listed === 'unchanged') {
    if (before) return before.heads
    throw incomplete('unchanged since never')
  }
  const heads = listed.refs.map(({ ref, object }): [string, string] => [ref.slice(HEADS.length), object.sha])
  await store.setJson('heads', { etag: listed.etag, heads })
  return heads
}
