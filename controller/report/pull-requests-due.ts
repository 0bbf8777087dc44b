import type { Oid } from '../source/git-source.ts'
import type { OpenPullRequest } from './host-reports.ts'

/** What was looked at of a pull request. */
export interface Looked {
  readonly head: Oid
  /** The commit of the branch. */
  readonly tip: Oid
  /** How often in a row it failed. */
  readonly tries: number
}

/** Those that moved, or whose branch did, or that failed before; what failed often comes last. */
export function pullRequestsDue(
  open: readonly OpenPullRequest[],
  looked: ReadonlyMap<number, Looked>,
  tip: Oid,
  most: number,
): OpenPullRequest[] {
  const triesOf = ({ number }: OpenPullRequest) => looked.get(number)?.tries ?? 0
  return open
    .filter((one) => {
      const last = looked.get(one.number)
      return last === undefined || last.head !== one.head.commit || last.tip !== tip || last.tries > 0
    })
    .sort((a, b) => triesOf(a) - triesOf(b))
    .slice(0, most)
}
