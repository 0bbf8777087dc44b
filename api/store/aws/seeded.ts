import { parseRelease } from '../../contract/release.ts'
import { sha256 } from '../../contract/version.ts'
import type { FoundVersions, VersionQuery } from '../prompt-store.ts'
import type { Head, VersionRecord } from '../records.ts'
import { CATALOG } from './keys.ts'
import type { StoredSnapshot, StoredVersion } from './rows.ts'
import { claimsOf, highestOf, type SeededPrompt, type SeededVersion, seededPrompt } from './seeded-prompt.ts'
import type { Table } from './table.ts'
import type { Texts } from './texts.ts'

/** From how many new prompts at a time it is cheaper to look at a small table whole than at each prompt. */
const WORTH_A_SCAN = 16
/** Of 1 MB each. */
const PAGES_OF_A_SMALL_TABLE = 4

/** Reads prompts that have no head. Their texts are whatever their objects hold at the moment. */
export class SeededPrompts {
  readonly #table: Table
  readonly #texts: Texts
  readonly #reading = new Map<string, Promise<SeededPrompt | undefined>>()
  #isTableSmall = true
  #asked: { id: string; answer: PromiseWithResolvers<boolean> }[] = []

  constructor(table: Table, texts: Texts) {
    this.#table = table
    this.#texts = texts
  }

  /** Two who ask at the same time get one answer. */
  async get(id: string): Promise<SeededPrompt | undefined> {
    const asking = this.#reading.get(id) ?? this.#read(id)
    this.#reading.set(id, asking)
    return await asking.finally(() => this.#reading.delete(id))
  }

  async #read(id: string): Promise<SeededPrompt | undefined> {
    if (!(await this.#mayBeThere(id))) return undefined
    const rows = await Array.fromAsync(this.#table.rows({ hash: id }))
    return rows.length === 0 ? undefined : seededPrompt(id, rows)
  }

  async snapshot(prompt: SeededPrompt): Promise<StoredSnapshot> {
    const latest = prompt.versions.at(-1) ?? null
    const highest = highestOf(prompt)
    const [stable, last, high] = await Promise.all(
      [prompt.stable, latest, highest].map(async (version) =>
        version === null ? null : (await this.read(prompt.id, version)).stored,
      ),
    )
    const release = highest === null ? undefined : parseRelease(highest.label)
    const first = prompt.versions[0]
    const shown = stable ?? last
    const head: Head = {
      promptId: prompt.id,
      revision: 0,
      stable: prompt.stable?.label ?? null,
      withdrawn: null,
      latest: latest?.label ?? null,
      owner: null,
      hold: null,
      highest:
        high == null || release === undefined
          ? null
          : { release, label: high.version.label, identity: high.version.identity },
      fences: {},
      versionCount: prompt.versions.length,
      createdAt: first?.createdAt ?? shown?.version.createdAt ?? UNKNOWN_TIME,
      updatedAt: shown?.version.updatedAt ?? UNKNOWN_TIME,
    }
    return { head, stable: stable ?? null, latest: last ?? null }
  }

  /** A version and its text; one whose object is gone is there too, with `null` for its text. */
  async read(id: string, seeded: SeededVersion): Promise<{ stored: StoredVersion; text: string | null }> {
    const current = await this.#texts.current(seeded.s3Key)
    // Nothing has this hash, so nothing can be taken for the lost text.
    const hash = current?.sha256 ?? sha256(`The text of ${id}@${seeded.label} is lost.`)
    const createdAt = seeded.createdAt ?? current?.modifiedAt ?? UNKNOWN_TIME
    const version: VersionRecord = {
      label: seeded.label,
      order: seeded.order,
      status: seeded.status,
      identity: hash,
      contentSha256: hash,
      variables: null,
      config: null,
      description: seeded.description,
      tags: seeded.tags,
      aliases: [],
      origin: null,
      release: parseRelease(seeded.label) ?? null,
      promotedOver: null,
      createdAt,
      updatedAt: seeded.updatedAt ?? createdAt,
      releasedAt: seeded.status === 'draft' ? null : createdAt,
    }
    return { stored: { version, s3Key: seeded.s3Key }, text: current?.text ?? null }
  }

  /** What the port calls a version. */
  async records(id: string, versions: readonly SeededVersion[]): Promise<VersionRecord[]> {
    return await Promise.all(versions.map(async (version) => (await this.read(id, version)).stored.version))
  }

  async find(prompt: SeededPrompt, query: VersionQuery): Promise<FoundVersions> {
    const claims = new Map(claimsOf(prompt).map((claim) => [claim.key, claim.label]))
    const byLabel = new Map(prompt.versions.map((version) => [version.label, version]))
    const named = (query.names ?? []).map(async (key) => {
      const version = byLabel.get(claims.get(key) ?? '')
      return version && ([key, (await this.read(prompt.id, version)).stored.version] as const)
    })
    const byName = new Map((await Promise.all(named)).filter((found) => found !== undefined))
    const { identity, contentSha256 } = query
    if (identity === undefined && contentSha256 === undefined)
      return { byName, sameIdentity: null, sameContent: [] }
    const all = await this.records(prompt.id, prompt.versions)
    return {
      byName,
      sameIdentity: all.find((version) => version.identity === identity) ?? null,
      sameContent: all.filter((version) => version.contentSha256 === contentSha256),
    }
  }

  /** Whether a prompt may have rows. Many prompts that are new at once are looked for in the whole table, if it is small. */
  #mayBeThere(id: string): Promise<boolean> {
    if (this.#asked.length === 0) setImmediate(() => void this.#lookAround())
    const answer = Promise.withResolvers<boolean>()
    this.#asked.push({ id, answer })
    return answer.promise
  }

  async #lookAround(): Promise<void> {
    const asked = this.#asked
    this.#asked = []
    try {
      const worth = this.#isTableSmall && asked.length >= WORTH_A_SCAN
      const ids = worth ? await this.#idsOfSmallTable() : undefined
      for (const { id, answer } of asked) answer.resolve(ids?.has(id) ?? true)
    } catch (error) {
      for (const { answer } of asked) answer.reject(error)
    }
  }

  async #idsOfSmallTable(): Promise<ReadonlySet<string> | undefined> {
    const ids = new Set<string>()
    for await (const { keys, more } of this.#table.scan(OF_VERSIONS, PAGES_OF_A_SMALL_TABLE)) {
      for (const key of keys) ids.add(key.prompt_key)
      if (!more) return ids
    }
    this.#isTableSmall = false
    return undefined
  }
}

/** Rows of versions, ours and seeded ones. */
export const OF_VERSIONS = {
  expression: 'NOT begins_with(#hash, :ours)',
  values: { ':ours': { S: CATALOG.slice(0, 1) } },
  names: {},
}

const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z'
