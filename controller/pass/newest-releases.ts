import { compareReleases, type Release } from '../../api/contract/release.ts'
import type { PromptsInput } from '../plan/plan-input.ts'
import { gather } from './gather.ts'
import { observe, withSnapshot } from './observe.ts'
import type { PassInput } from './pass-input.ts'
import { readFindings } from './registry-reads.ts'

/** The newest release of a prompt in git. */
export interface NewestRelease {
  readonly release: Release
  /** `null` if the release no longer has the prompt, which is then retired. */
  readonly identity: string | null
}

/** By prompt id, the newest release in git that counts. Reads everything, and changes nothing. */
export async function newestReleases(input: PassInput): Promise<ReadonlyMap<string, NewestRelease>> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, async (snapshot) => {
    const before = await readFindings(input)
    const wishes = { force: true, retryNow: true, confirm: true }
    let found = new Map<string, NewestRelease>()
    await gather({ ...input, ...wishes, moment, before, snapshot }, () => {
      const begun = new Map<string, NewestRelease>()
      found = begun
      return async (prompts) => {
        for (const [id, release] of newestOf(prompts, input.source)) begun.set(id, release)
      }
    })
    return found
  })
}

/** Pure. */
export function newestOf(
  { releases, newest }: Pick<PromptsInput, 'releases' | 'newest'>,
  { prereleases, prune }: { readonly prereleases: boolean; readonly prune: boolean },
): ReadonlyMap<string, NewestRelease> {
  const found = new Map<string, NewestRelease>()
  for (const [id, all] of releases) {
    const own = all.find(({ prerelease }) => prereleases || !prerelease)
    if (own === undefined) continue
    const isRetired =
      prune && newest !== null && !newest.ids.has(id) && compareReleases(newest.release, own.release) > 0
    found.set(
      id,
      isRetired
        ? { release: newest.release, identity: null }
        : { release: own.release, identity: own.identity },
    )
  }
  return found
}
