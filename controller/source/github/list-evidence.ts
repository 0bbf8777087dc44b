import { z } from 'zod'
import { EVIDENCE_REFS, type EvidenceRef } from '../git-source.ts'
import { REF_LIMITS, tooManyRefs } from '../ref-limits.ts'
import { incomplete, matchingRefs, type RefQuery } from './matching-refs.ts'
import { oidSchema } from './objects.ts'

const knownSchema = z.object({
  etag: z.string().optional(),
  refs: z.array(z.tuple([z.string(), oidSchema])),
})

/** All refs with evidence, sorted. Throws `too_large`. */
export async function listEvidence(listing: RefQuery, most = REF_LIMITS.refs): Promise<EvidenceRef[]> {
  const { store } = listing
  const before = await store.json('evidence', knownSchema)
  const listed = await matchingRefs(listing, 'promptctl/evidence', before?.etag)
  if (listed === 'unchanged') {
    if (before) return evidenceOf(before.refs)
    throw incomplete('unchanged since never')
  }
  if (listed.refs.length > most) throw tooManyRefs({ refs: most })
  const refs = listed.refs.map(({ ref, object }): [string, string] => [
    ref.slice(EVIDENCE_REFS.length),
    object.sha,
  ])
  await store.setJson('evidence', { etag: listed.etag, refs })
  return evidenceOf(refs)
}

function evidenceOf(refs: readonly (readonly [string, string])[]): EvidenceRef[] {
  return refs.map(([name, oid]) => ({ name, oid })).sort((a, b) => (a.name < b.name ? -1 : 1))
}
