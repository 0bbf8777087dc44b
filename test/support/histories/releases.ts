import type { Release } from '../../../api/contract/release.ts'
import type { History } from './history.ts'
import { coveredBy } from './meaning.ts'

/** That a tag, at a commit, releases a prompt. */
export interface ReleasedPrompt {
  readonly tag: string
  readonly commit: string
  readonly id: string
  readonly release: Release
  /** `null` where the prompt's file cannot become a version. */
  readonly label: string | null
}

/** What these tags release at these commits. */
export function releasesOf(
  tags: Iterable<readonly [tag: string, commit: string]>,
  history: History,
): ReleasedPrompt[] {
  return [...tags].flatMap(([tag, commit]) => {
    const meaning = history.meanings.get(tag)
    if (meaning === undefined) throw new Error(`there never was a tag ${tag}`)
    const { release } = meaning
    if (release === null) return []
    const covered = [...coveredBy(meaning, history.commitOf(commit))]
    return covered.map(([id, label]) => ({ tag, commit, id, release, label }))
  })
}
