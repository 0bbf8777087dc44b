import { type GitSource, SourceError } from '../source/git-source.ts'

/** A call of a source's repository. `result` is `ok` or the code of its error. */
export type ObserveGitCall = (call: 'list_refs' | 'open' | 'pull_request', result: string) => void

/** The source, with each call that may contact its host observed as it ends. */
export function observedSource(git: GitSource, observe: ObserveGitCall): GitSource {
  const observing = async <T>(call: Parameters<ObserveGitCall>[0], asking: Promise<T>): Promise<T> => {
    try {
      const answer = await asking
      observe(call, 'ok')
      return answer
    } catch (error) {
      observe(call, error instanceof SourceError ? error.code : 'failed')
      throw error
    }
  }
  const { pullRequest } = git
  return {
    listRefs: (signal) => observing('list_refs', git.listRefs(signal)),
    open: (listing, signal) => observing('open', git.open(listing, signal)),
    ...(pullRequest !== undefined && {
      pullRequest: (number, signal) => observing('pull_request', pullRequest(number, signal)),
    }),
    quotas: () => git.quotas?.() ?? [],
  }
}
