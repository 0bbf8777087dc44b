import { RegistryError } from '../../api/contract/errors.ts'
import { parsePromptId } from '../../api/contract/prompt-id.ts'
import type { PromptRow, RegistryApi, VersionRow } from '../../api/contract/registry-api.ts'
import { compareReleases, parseRelease } from '../../api/contract/release.ts'

/** A prompt with a page of its versions, newest first. */
export interface ShownPrompt {
  readonly row: PromptRow
  readonly versions: readonly VersionRow[]
  readonly nextVersions: string | null
}

const PAGE = 50

/** Two calls. Throws `not_found`, `invalid_prompt_id`, and the refusals of the registry. */
export async function shownPrompt(api: RegistryApi, name: string, cursor = ''): Promise<ShownPrompt> {
  const id = parsePromptId(name)
  const [{ prompts }, { versions, next_cursor }] = await Promise.all([
    api.lookup({ prompts: [{ prompt_id: id }] }),
    api.versions(id, { limit: PAGE, ...(cursor !== '' && { cursor }) }),
  ])
  const row = prompts[0]?.prompt
  if (row == null) throw new RegistryError('not_found', `The prompt "${id}" does not exist. Check its id.`)
  return { row, versions: byCommit(versions), nextVersions: next_cursor }
}

/** The released versions other than the stable one, the highest release first, as far as this page has them. */
export function earlierReleases({ row, versions }: ShownPrompt): VersionRow[] {
  return versions
    .filter(({ status, version }) => status === 'deprecated' && version !== row.stable)
    .toSorted((a, b) => orderOf(b.release, a.release))
}

/** The release before the stable one. */
export function earlierRelease(view: ShownPrompt): VersionRow | undefined {
  const { stable_release } = view.row
  const others = earlierReleases(view)
  return others.find(({ release }) => orderOf(release, stable_release) < 0) ?? others[0]
}

function orderOf(a: string | null, b: string | null): number {
  const [left, right] = [a, b].map((text) => (text === null ? undefined : parseRelease(text)))
  if (left === undefined || right === undefined)
    return Number(left !== undefined) - Number(right !== undefined)
  return compareReleases(left, right)
}

/** By the time of the commit, newest first. A backfill pushes older versions later. */
function byCommit(versions: readonly VersionRow[]): VersionRow[] {
  const time = ({ origin, created_at }: VersionRow) =>
    Date.parse(origin?.committed_at ?? created_at ?? '') || 0
  return versions.toSorted((a, b) => time(b) - time(a))
}

/** The name of a version: its release first. */
export function knownName({ versions }: ShownPrompt, label: string): Pick<VersionRow, 'release' | 'version'> {
  const found = versions.find(({ version, aliases }) => version === label || aliases.includes(label))
  return found ?? { release: null, version: label }
}
