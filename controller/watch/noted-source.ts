import { type GitSource, SourceError } from '../source/git-source.ts'
import type { NoteStanding } from './place-turns.ts'

/** The source, with how its place answers noted as soon as that is known. */
export function notedSource(git: GitSource, note: NoteStanding): GitSource {
  const noting = async <T>(asking: Promise<T>): Promise<T> => {
    try {
      const answer = await asking
      note('answers')
      return answer
    } catch (error) {
      if (error instanceof SourceError) note(error.code === 'unreachable' ? 'slow' : 'answers')
      throw error
    }
  }
  const { pullRequest } = git
  return {
    listRefs: (signal) => noting(git.listRefs(signal)),
    open: (listing, signal) => noting(git.open(listing, signal)),
    ...(pullRequest !== undefined && { pullRequest }),
    quotas: () => git.quotas?.() ?? [],
  }
}
