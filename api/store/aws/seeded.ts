import { parseRelease } from '../../contract/release.ts'
import { sha256 } from '../../contract/version.ts'
import type { FoundVersions, VersionQuery } from '../prompt-store.ts'
import { type Head, PLAIN_VERSION, type VersionRecord } from '../records.ts'
import { CATALOG, keyOf, type Row } from './keys.ts'
import type { Memory } from './memory.ts'
import type { StoredSnapshot, StoredVersion } from './record-json.ts'
import { claimsOf, highestOf, type SeededPrompt, type SeededVersion, seededPrompt } from './seeded-prompt.ts'
import type { Table } from './table.ts'
import type { Texts } from './texts.ts'

/** With at least this many new prompts at once, a scan of a small table costs less than a read for each. */
const WORTH_A_SCAN = 16
/** Pages of 1 MB. */
const PAGES_OF_A_SMALL_TABLE = 4

/** Reads prompts without a head. Their content may change at any time. */
export class SeededPrompts {
  readonly #table: Table
  readonly #texts: Texts
  readonly #memory: Memory
  readonly #reading = new Map<string, Promise<SeededPrompt | undefined>>()
  #asked: { id: string; answer: PromiseWithResolvers<boolean> }[] = []

  constructor(table: Table, texts: Texts, memory: Memory) {
    this.#table = table
    this.#texts = texts
    this.#memory = memory
  }

  /** Concurrent reads of a prompt share one result. */
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
    const release = highest === null ? undefined : parseRelease(highest.version)
    const first = prompt.versions[0]
    const shown = stable ?? last
    const head: Head = {
      promptId: prompt.id,
      revision: 0,
      stable: prompt.stable?.version ?? null,
      stableBy: prompt.stable && 'seed',
      withdrawn: null,
      latest: latest?.version ?? null,
      latestBy: latest && 'seed',
      owner: null,
      hold: null,
      rolledBack: [],
      highest:
        high == null || release === undefined
          ? null
          : { release, version: high.record.version, identity: high.record.identity },
      fences: {},
      versionCount: prompt.versions.length,
      createdAt: first?.createdAt ?? shown?.record.createdAt ?? null,
      updatedAt: shown?.record.updatedAt ?? null,
    }
    return { head, stable: stable ?? null, latest: last ?? null, feedAt: 0 }
  }

  /** A version and its content; `null` content if its object is missing. */
  async read(id: string, seeded: SeededVersion): Promise<{ stored: StoredVersion; text: string | null }> {
    const current = await this.#texts.current(seeded.s3Key)
    // No content has this hash, so nothing is mistaken for the lost content.
    const hash = current?.sha256 ?? sha256(`The text of ${id}@${seeded.version} is lost.`)
    const createdAt = seeded.createdAt ?? current?.modifiedAt ?? null
    const version: VersionRecord = {
      ...PLAIN_VERSION,
      version: seeded.version,
      order: seeded.order,
      status: seeded.status,
      identity: hash,
      contentSha256: hash,
      payloadSha256: hash,
      description: seeded.description,
      tags: seeded.tags,
      release: parseRelease(seeded.version) ?? null,
      revokedScope: seeded.status === 'revoked' ? 'content' : null,
      createdAt,
      updatedAt: seeded.updatedAt ?? createdAt,
      releasedAt: seeded.status === 'draft' ? null : createdAt,
      ...(current === null && { textLost: true }),
    }
    return { stored: { record: version, s3Key: seeded.s3Key }, text: current?.text ?? null }
  }

  /** Maps a seeded version to the record of the store's port. */
  async records(id: string, versions: readonly SeededVersion[]): Promise<VersionRecord[]> {
    return await Promise.all(versions.map(async (version) => (await this.read(id, version)).stored.record))
  }

  async find(prompt: SeededPrompt, query: VersionQuery): Promise<FoundVersions> {
    const claims = new Map(claimsOf(prompt).map((claim) => [claim.key, claim.version]))
    const byLabel = new Map(prompt.versions.map((version) => [version.version, version]))
    const named = (query.names ?? []).map(async (key) => {
      const version = byLabel.get(claims.get(key) ?? '')
      return version && ([key, (await this.read(prompt.id, version)).stored.record] as const)
    })
    const byName = new Map((await Promise.all(named)).filter((found) => found !== undefined))
    const { identities = [], contents = [] } = query
    if (identities.length + contents.length === 0) return { byName, byIdentity: new Map(), sameContent: [] }
    const all = await this.records(prompt.id, prompt.versions)
    const first = new Map([...all].reverse().map((version) => [version.identity, version]))
    return {
      byName,
      byIdentity: new Map([...first].filter(([identity]) => identities.includes(identity))),
      sameContent: all.filter(({ contentSha256 }) => contents.includes(contentSha256)),
    }
  }

  /** A version that another program added to an adopted prompt: perhaps released, but never the stable one. */
  async stray(id: string, version: string): Promise<SeededVersion | undefined> {
    const row = await this.#table.get(keyOf.version(id, version))
    return row === undefined || row.record !== undefined ? undefined : strayOf(id, row)
  }

  /** All such versions of a prompt, within a limited number of its rows. */
  async strays(id: string): Promise<SeededVersion[]> {
    const filter = { expression: 'attribute_not_exists(#record)', values: {}, names: { '#record': 'record' } }
    const rows = await Array.fromAsync(this.#table.rows({ hash: id, filter, mostPages: PAGES_OF_STRAYS }))
    return rows.map((row) => strayOf(id, row))
  }

  /** Whether a prompt may have rows. For many new prompts at once, scans the whole table if it is small. */
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
      const worth = this.#memory.isTableSmall && asked.length >= WORTH_A_SCAN
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
    this.#memory.isTableSmall = false
    return undefined
  }
}

/** `order` is 0 until the registry adopts the version. */
function strayOf(id: string, row: Row): SeededVersion {
  const [version] = seededPrompt(id, [row]).versions
  if (version === undefined) throw new TypeError('a row is a version')
  return { ...version, order: 0, status: version.status === 'stable' ? 'deprecated' : version.status }
}

/** Pages of 1 MB. */
const PAGES_OF_STRAYS = 4

/** Rows of versions, both ours and seeded ones. */
export const OF_VERSIONS = {
  expression: 'NOT begins_with(#hash, :ours)',
  values: { ':ours': { S: CATALOG.slice(0, 1) } },
  names: {},
}
