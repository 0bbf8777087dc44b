import { sha256 } from '../../../api/contract/version.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import { sourceConfig } from '../controller.ts'
import type { HistoryRepository } from '../histories/history.ts'
import { createMemoryRepository } from '../histories/memory-repository.ts'
import type { Model } from './model.ts'
import type { Random } from './random.ts'

interface TeamSetting {
  /** Passes that find a release compare everything. */
  readonly prune: boolean
  readonly backfill?: number | undefined
}

/** A team that releases all its prompts together: most of them changed, some missing for a release. */
export class Team {
  readonly name: string
  readonly ids: readonly string[]
  readonly repository: HistoryRepository = createMemoryRepository({ forgetful: false })
  #texts = new Map<string, string>()
  /** The last text of each prompt that a release had. Without `prune`, a prompt goes on with it. */
  #released = new Map<string, string>()
  #parent: Oid | null = null
  #releases = 0

  readonly #setting: TeamSetting

  constructor(name: string, prompts: number, setting: TeamSetting) {
    this.name = name
    this.#setting = setting
    this.ids = Array.from({ length: prompts }, (_, n) => `${name}/p${n}`)
  }

  get hasReleases(): boolean {
    return this.#releases > 0
  }

  get source() {
    const { name } = this
    const { prune, backfill } = this.#setting
    return sourceConfig({
      ...{ name, repository: name, idPrefix: `${name}/`, massChange: false, prune },
      ...(backfill !== undefined && { backfill }),
    })
  }

  /** A commit, and the tag that releases it. */
  async release(random: Random, model: Model): Promise<void> {
    const release = `1.${++this.#releases}.0`
    const changesAll = random.chance(0.7)
    for (const id of this.ids)
      if (this.#releases === 1 || changesAll || random.chance(0.5))
        this.#texts.set(id, `${id} of ${release}\n`)
    if (random.chance(0.2)) this.#texts.delete(random.one(this.ids))
    const files = new Map<string, Uint8Array>()
    for (const [id, text] of this.#texts)
      files.set(`prompts/${id.slice(this.name.length + 1)}.txt`, Buffer.from(text))
    const commit = await this.repository.commit(this.#parent, files)
    this.#parent = commit
    await this.repository.moveBranch(commit)
    await this.repository.setTag(`v${release}`, commit, { annotated: false })
    this.#released = new Map([...(this.#setting.prune ? [] : this.#released), ...this.#texts])
    const texts = new Map([...this.#released].map(([id, text]) => [id, sha256(text).slice(0, 12)]))
    const lacks = new Set(this.ids.filter((id) => !this.#texts.has(id)))
    model.released(this.name, { tag: `v${release}`, texts, lacks })
  }
}
