import type { PassInput } from '../pass/pass-input.ts'
import type { GitSource } from '../source/git-source.ts'
import { startRound } from './round.ts'
import { createTurns } from './turns.ts'

/** A source of a repository: what its pass needs besides the repository itself. */
export type RoundMember = Omit<PassInput, 'git' | 'document'>

const READS_AT_ONCE = 8

/**
 * A pass of each source, one after another, over one listing and one view of the repository. Every source's state is
 * read before the refs are listed: so whoever wrote in between is noticed, however late a source's turn comes.
 */
export async function runRound<Result>(
  git: GitSource,
  members: readonly RoundMember[],
  pass: (input: PassInput) => Promise<Result>,
): Promise<Result[]> {
  const inTurn = createTurns(READS_AT_ONCE)
  const documents = members.map(({ api, source, signal }) =>
    inTurn(() => api.source(source.name, signal === undefined ? {} : { signal })),
  )
  await Promise.allSettled(documents)
  const round = startRound(git)
  try {
    const results: Result[] = []
    for (const [index, member] of members.entries())
      results.push(await pass({ ...member, git: round.sourceView(), document: documents[index] }))
    return results
  } finally {
    await round.end()
  }
}
