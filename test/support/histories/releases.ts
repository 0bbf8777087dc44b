import type { Release } from '../../../api/contract/release.ts'
import type { History } from './history.ts'
import { coveredBy } from './meaning.ts'
import type { TextVersion } from './texts.ts'

/** The release of a prompt by a tag at a commit. */
export interface ReleasedPrompt {
  readonly tag: string
  readonly commit: string
  readonly id: string
  readonly release: Release
  /** `null` if the prompt's file cannot become a version. */
  readonly label: string | null
  readonly version: TextVersion | null
}

/** The releases of these tags at these commits. */
export function releasesOf(
  tags: Iterable<readonly [tag: string, commit: string]>,
  history: History,
): ReleasedPrompt[] {
  return [...tags].flatMap(([tag, commit]) => {
    const meaning = history.meanings.get(tag)
    if (meaning === undefined) throw new Error(`unknown tag ${tag}`)
    const { release } = meaning
    if (release === null) return []
    const covered = [...coveredBy(meaning, history.commitOf(commit))]
    return covered.map(([id, version]) => ({
      ...{ tag, commit, id, release, version },
      label: version?.label ?? null,
    }))
  })
}
