import type { GitSource } from '../source/git-source.ts'
import { placeOf } from '../source/repository-address.ts'
import { notedSource } from './noted-source.ts'

/**
 * Works on repositories one after another. Once a place did not answer, its other repositories come last, so that those
 * of other places wait for it once.
 */
export async function slowLast<Repository extends { readonly address: string; readonly git: GitSource }>(
  repositories: readonly Repository[],
  work: (repository: Repository) => Promise<unknown>,
): Promise<void> {
  const slow = new Set<string>()
  const waiting = [...repositories]
  const isQuick = ({ address }: Repository) => !slow.has(placeOf(address))
  while (waiting.length > 0) {
    const [next] = waiting.splice(Math.max(0, waiting.findIndex(isQuick)), 1)
    if (next === undefined) return
    const place = placeOf(next.address)
    const git = notedSource(next.git, (standing) => {
      if (standing === 'slow') slow.add(place)
      else slow.delete(place)
    })
    await work({ ...next, git })
  }
}
