import { compareReleases, higherRelease, parseRelease, type Release } from '../../contract/release.ts'
import { STATUSES, type Status, sha256 } from '../../contract/version.ts'
import { type VersionName, versionNameKey, versionNameProblem } from '../../contract/version-name.ts'
import type { FoundVersions, VersionQuery } from '../prompt-store.ts'
import type { Head, NameClaim, VersionRecord } from '../records.ts'
import { releaseKey } from '../release-key.ts'
import { CATALOG, type Row, textKey } from './keys.ts'
import type { SeenRow, StoredSnapshot, StoredVersion } from './rows.ts'
import { type Table, text } from './table.ts'
import type { Texts } from './texts.ts'

/** From how many new prompts at a time it is cheaper to look at a small table whole than at each prompt. */
const WORTH_A_SCAN = 16
/** Of 1 MB each. */
const PAGES_OF_A_SMALL_TABLE = 4

/** A version as a row that is not ours tells of it. */
export interface SeededVersion {
  readonly label: VersionName
  readonly order: number
  /** At most one of a prompt is `stable`, whatever the rows say. */
  readonly status: Status
  readonly s3Key: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly seen: SeenRow
}

/** A prompt that exists only as rows that Terraform, or the registry before this one, wrote. */
export interface SeededPrompt {
  readonly id: string
  /** In their order, the last one being the latest. At least one. */
  readonly versions: readonly SeededVersion[]
  readonly stable: SeededVersion | null
}

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

export function seededPrompt(id: string, rows: readonly Row[]): SeededPrompt {
  const ordered = rows.map((row) => ({ row, place: placeOf(row) })).sort((a, b) => compare(a.place, b.place))
  const last = ordered.findLastIndex(({ row }) => statusOf(row) === 'stable')
  const versions = ordered.map(({ row }, index): SeededVersion => {
    const label = text(row.version) ?? ''
    const status = statusOf(row)
    return {
      label,
      order: index + 1,
      status: status === 'stable' && index !== last ? 'deprecated' : status,
      s3Key: text(row.s3_key) ?? textKey(id, label),
      description: text(row.description) || null,
      tags: tagsOf(row),
      createdAt: timeOf(row.created_at),
      updatedAt: timeOf(row.updated_at),
      seen: { status: text(row.status), s3Key: text(row.s3_key) },
    }
  })
  return { id, versions, stable: versions[last] ?? null }
}

/** The names of seeded versions: of two labels that are one name the stable one has it, else the first. */
export function claimsOf({ versions, stable }: SeededPrompt): NameClaim[] {
  const claims = new Map<string, NameClaim>()
  for (const { label } of stable === null ? versions : [stable, ...versions]) {
    const key = versionNameKey(label)
    if (versionNameProblem(label) !== undefined || claims.has(key)) continue
    claims.set(key, { key, name: label, label, release: parseRelease(label) ?? null })
  }
  return [...claims.values()]
}

/** The version with the highest release that was ever out. */
function highestOf({ versions, stable }: SeededPrompt): SeededVersion | null {
  let highest: Release | undefined
  let found: SeededVersion | null = null
  for (const version of stable === null ? versions : [...versions, stable]) {
    const release = parseRelease(version.label)
    if (release === undefined || version.status === 'draft') continue
    if (highest !== undefined && compareReleases(release, highest) < 0) continue
    highest = higherRelease(release, highest)
    found = version
  }
  return found
}

/** Semantic versions in their order, behind all other labels; those by time. `1.2` counts as `1.2.0` here. */
function placeOf(row: Row): readonly string[] {
  const label = text(row.version) ?? ''
  const release = parseRelease(versionNameKey(label))
  return [release === undefined ? '' : releaseKey(release), timeOf(row.created_at) ?? '', label]
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at === -1 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

/** A status of which we know nothing is shown to nobody but those who see drafts. */
function statusOf(row: Row): Status {
  const status = text(row.status)?.toLowerCase()
  return STATUSES.find((known) => known === status) ?? 'draft'
}

/** Tags as a list, a set, JSON or words with commas between them. */
function tagsOf({ tags }: Row): string[] {
  if (tags?.SS !== undefined) return [...tags.SS].sort()
  if (tags?.L !== undefined) return tags.L.flatMap((tag) => text(tag) ?? [])
  const written = text(tags)
  if (written === undefined) return []
  if (written.trimStart().startsWith('[')) return tagsOfJson(written)
  return written
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

function tagsOfJson(written: string): string[] {
  try {
    const parsed: unknown = JSON.parse(written)
    return Array.isArray(parsed) ? parsed.filter((tag) => typeof tag === 'string') : []
  } catch {
    return []
  }
}

/** A time in whatever ISO 8601 form, or in seconds since the epoch. */
function timeOf(value: Row[string] | undefined): string | null {
  const time = value?.N === undefined ? Date.parse(text(value) ?? '') : Number(value.N) * 1000
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
