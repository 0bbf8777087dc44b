import type { Oid } from '../source/oid.ts'
import type { OpenPullRequest } from './host-reports.ts'

/** The last check of a pull request. */
export interface CheckedPullRequest {
  readonly head: Oid
  /** The commit of the branch. */
  readonly tip: Oid
  /** The number of failures in a row. */
  readonly tries: number
}

/** Pull requests that moved, whose branch moved, or whose comment failed; the fewest failures first. */
export function pullRequestsDue(
  open: readonly OpenPullRequest[],
  checked: ReadonlyMap<number, CheckedPullRequest>,
  tip: Oid,
  most: number,
): OpenPullRequest[] {
  const triesOf = ({ number }: OpenPullRequest) => checked.get(number)?.tries ?? 0
  return open
    .filter((one) => {
      const last = checked.get(one.number)
      return last === undefined || last.head !== one.head.commit || last.tip !== tip || last.tries > 0
    })
    .sort((a, b) => triesOf(a) - triesOf(b))
    .slice(0, most)
}
