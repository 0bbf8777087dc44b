import type { PassInput } from '../pass/pass-input.ts'
import type { GitSource } from '../source/git-source.ts'
import { startRound } from './round.ts'
import { createTurns } from './turns.ts'

/** The input of a source's pass, without the repository. */
export type RoundMember = Omit<PassInput, 'git' | 'document'>

const READS_AT_ONCE = 8

/**
 * Runs a pass of each source, one after another, over one listing and one snapshot. Reads every source's state
 * before the refs are listed, so that a pass notices another writer's update even if its turn comes late.
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
