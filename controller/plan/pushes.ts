import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { Change } from './changes.ts'
import type { DesiredRelease, DesiredVersion } from './observed.ts'

/** Which versions must be pushed, each once. */
export class Pushes {
  readonly #draft: DesiredVersion | undefined
  readonly #row: PromptRow | undefined
  readonly #there: Set<string>
  #draftDone = false

  constructor(draft: DesiredVersion | undefined, row: PromptRow | undefined) {
    this.#draft = draft
    this.#row = row
    this.#there = new Set([row?.stable, row?.latest].filter((label) => typeof label === 'string'))
  }

  /** The push that a release needs before it can be named. */
  before(release: DesiredRelease): Change[] {
    if (release.label === this.#draft?.label) return this.draft()
    if (this.#there.has(release.label)) return []
    this.#there.add(release.label)
    const { id, path, blob, commit, label, description, tags } = release
    return [{ do: 'push', id, path, blob, commit, label, description, tags, latest: false }]
  }

  /** The push of what the branch has, where the registry does not have it as the latest, or thinks it is gone. */
  draft(): Change[] {
    if (this.#draft === undefined || this.#draftDone) return []
    this.#draftDone = true
    if (this.#row !== undefined && isLatest(this.#draft, this.#row)) return []
    return [{ do: 'push', ...this.#draft, latest: true }]
  }
}

function isLatest(draft: DesiredVersion, row: PromptRow): boolean {
  const sameTags =
    row.tags.length === draft.tags.length && row.tags.every((tag, index) => tag === draft.tags[index])
  const same = row.latest === draft.label && row.description === draft.description && sameTags
  return same && !row.archived
}
