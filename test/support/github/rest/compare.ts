import { exampleOf, type Json } from '../description.ts'
import type { Endpoint } from '../types.ts'
import { notFound } from '../types.ts'

/** Returns only the merge base of two commits. Commits and files are empty, as on a page after the last one. */
export const compare: Endpoint = {
  operation: 'GET /repos/{owner}/{repo}/compare/{basehead}',
  async answer({ parameters, repository }) {
    const [base = '', head = ''] = parameters.basehead?.split('...') ?? []
    const objects = await Promise.all([base, head].map((oid) => repository.objects.read(oid)))
    if (objects.some((object) => object?.type !== 'commit')) return notFound
    const merge = await repository.git('merge-base', base, head).catch(() => '')
    if (merge === '') return notFound
    const example = exampleOf(compare.operation)
    const commit = { ...(example.merge_base_commit as Json), sha: merge }
    return { status: 200, body: { ...example, merge_base_commit: commit, commits: [], files: [] } }
  },
}
