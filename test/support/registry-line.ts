import { expect } from 'vitest'
import {
  compareReleases,
  isPrerelease,
  LIMITS,
  MODES,
  type Mode,
  parseRelease,
  RegistryError,
  type Status,
  seesDrafts,
  versionNameKey,
} from '../../api/contract/index.ts'
import type { EventDocument, RegistryApi } from '../../api/contract/registry-api.ts'
import type { PromptStore } from '../../api/store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../../api/store/records.ts'

/** Everything about a prompt at one moment. */
export interface Everything {
  readonly head: Head
  readonly versions: readonly VersionRecord[]
  /** Oldest first. */
  readonly events: readonly EventDocument[]
}

export async function everything(prompts: PromptStore, id: string): Promise<Everything | undefined> {
  const snapshot: Snapshot | undefined = await prompts.snapshot(id)
  if (snapshot === undefined) return undefined
  const versions = await prompts.page<'versions'>({ of: 'versions', promptId: id, limit: 1000 })
  const events = await prompts.page<'events'>({ of: 'events', promptId: id, limit: 1000 })
  let { items } = events
  for (let cursor = events.next; cursor !== null; ) {
    const more = await prompts.page<'events'>({ of: 'events', promptId: id, limit: 1000, cursor })
    items = [...items, ...more.items]
    cursor = more.next
  }
  return { head: snapshot.head, versions: versions.items, events: [...items].reverse() }
}

/** The state that the events of a prompt imply, replayed from the first. */
interface Told {
  stable: string | null
  /** The stable version that was revoked, until the prompt has another one. */
  withdrawn: string | null
  latest: string | null
  owner: string | null
  hold: string | null
  highest: string | null
  readonly statuses: Map<string, Status>
  readonly names: Map<string, string>
}

/** Replays the events, and checks that each starts at the result of the previous one. */
export function tell(events: readonly EventDocument[]): Told {
  const told: Told = {
    stable: null,
    withdrawn: null,
    latest: null,
    owner: null,
    hold: null,
    highest: null,
    statuses: new Map(),
    names: new Map(),
  }
  events.forEach((event, index) => {
    expect(event.sequence, 'event numbers have no gaps').toBe(index + 1)
    tellOne(told, event)
  })
  return told
}

function tellOne(told: Told, { type, from, to, details }: EventDocument): void {
  const released = details as { release?: string; alias?: string; kind?: string } | null
  switch (type) {
    case 'owner_changed':
      expect(from).toBe(told.owner)
      told.owner = to
      return
    case 'version_pushed':
    case 'latest_moved':
      expect(from).toBe(told.latest)
      told.latest = to
      if (type === 'version_pushed') {
        told.statuses.set(to ?? '', 'draft')
        told.names.set(versionNameKey(to ?? ''), to ?? '')
      }
      return
    case 'alias_added': {
      const alias = released?.alias ?? ''
      expect(told.names.has(versionNameKey(alias)), `${alias} is named once`).toBe(false)
      told.names.set(versionNameKey(alias), to ?? '')
      // An alias releases a draft, unless it is a pre-release.
      if (told.statuses.get(to ?? '') === 'draft' && !isPrerelease(parseRelease(alias) ?? ''))
        told.statuses.set(to ?? '', 'deprecated')
      return
    }
    case 'promoted':
    case 'rolled_back':
      // A revocation with a rollback in the same step names the version it came from.
      if (told.stable === null && type === 'rolled_back') expect([told.withdrawn, null]).toContain(from)
      else expect(from, `${type} starts at the result of the previous event`).toBe(told.stable)
      if (told.stable !== null) told.statuses.set(told.stable, 'deprecated')
      if (type === 'rolled_back') expect(told.statuses.get(to ?? '')).not.toBe('draft')
      expect(told.statuses.get(to ?? '')).not.toBe('revoked')
      told.statuses.set(to ?? '', 'stable')
      told.stable = to
      told.withdrawn = null
      if (type === 'promoted') raise(told, released?.release)
      return
    case 'release_raised':
      raise(told, released?.release)
      return
    case 'revoked':
      told.statuses.set(to ?? '', 'revoked')
      if (to === told.stable) {
        told.withdrawn = to
        told.stable = null
      }
      return
    case 'held':
      told.hold = released?.kind ?? null
      return
    case 'hold_lifted':
      expect(told.hold).not.toBeNull()
      told.hold = null
      return
    case 'version_restored':
    case 'healed':
    case 'deleted':
    case 'archived':
    case 'unarchived':
    case 'attested':
      return
    case 'retired':
      expect(from, 'a retirement removes the stable version').toBe(told.stable)
      told.statuses.set(from ?? '', 'deprecated')
      told.stable = null
      raise(told, released?.release)
      return
    default: {
      unknownType(type)
    }
  }
}

function unknownType(type: never): void {
  throw new Error(`No event has the type ${type}.`)
}

function raise(told: Told, release: string | undefined): void {
  if (release === undefined) return
  if (told.highest === null || compareReleases(release, told.highest) > 0) told.highest = release
}

/** Checks that the state of a prompt is valid, and matches its events. */
export function checkState({ head, versions, events }: Everything): void {
  const stable = versions.filter(({ status }) => status === 'stable').map(({ version }) => version)
  expect(stable, 'one stable version, the one of the head').toEqual(head.stable === null ? [] : [head.stable])
  expect(head.revision).toBe(events.length)
  expect(head.versionCount).toBe(versions.length)
  expect(versions.map(({ order }) => order)).toEqual(versions.map((_, index) => versions.length - index))

  const told = tell(events)
  expect(told.stable).toBe(head.stable)
  expect(told.latest).toBe(head.latest)
  expect(told.owner).toBe(head.owner)
  expect(told.hold).toBe(head.hold?.kind ?? null)
  expect(told.highest).toBe(head.highest?.release ?? null)
  for (const version of versions) {
    expect(version.status).toBe(told.statuses.get(version.version))
    expect(version.aliases.length).toBeLessThanOrEqual(LIMITS.recentAliases)
  }
}

/** Checks that revoked content is revoked under every label. */
export function checkRevoked({ versions }: Everything): void {
  const revoked = new Set(
    versions.filter(({ status }) => status === 'revoked').map((one) => one.contentSha256),
  )
  for (const version of versions)
    expect(version.status === 'revoked').toBe(revoked.has(version.contentSha256))
}

/** Checks that every reader gets the version defined by the table of modes, by every name and without one. */
export async function checkReads(api: RegistryApi, { head, versions }: Everything): Promise<void> {
  const texts = new Map(versions.map((version) => [version.version, version]))
  for (const mode of MODES) {
    for (const version of versions) {
      for (const pin of [version.version, ...version.aliases])
        expect(await servedAs(api, `${head.promptId}@${pin}`, mode)).toBe(pinnedAnswer(version, mode))
    }
    expect(await servedAs(api, head.promptId, mode)).toBe(unpinnedAnswer(head, texts, mode))
  }
}

function pinnedAnswer({ version: label, status }: VersionRecord, mode: Mode): string {
  if (status === 'revoked') return 'revoked'
  if (status === 'draft' && !seesDrafts(mode)) return 'not_released'
  return `${label} ${status}`
}

function unpinnedAnswer(head: Head, versions: ReadonlyMap<string, VersionRecord>, mode: Mode): string {
  const latest = head.latest === null ? undefined : versions.get(head.latest)
  const isRolledBack = head.rolledBack.some(({ payloadSha256 }) => payloadSha256 === latest?.payloadSha256)
  if (seesDrafts(mode) && latest !== undefined && latest.status !== 'revoked' && !isRolledBack)
    return `${latest.version} ${latest.status}`
  if (head.stable !== null) return `${head.stable} stable`
  return head.withdrawn !== null || seesDrafts(mode) ? 'revoked' : 'not_released'
}

async function servedAs(api: RegistryApi, reference: string, mode: Mode): Promise<string> {
  try {
    const { version, status } = await api.resolve(reference, { mode })
    return `${version} ${status}`
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

/** The target of a rollback according to the events; `undefined` if only the order of releases decides. */
export function rollbackByEvents({ head, versions, events }: Everything): string | null | undefined {
  if (head.stable === null) return null
  const statuses = new Map(versions.map(({ version: label, status }) => [label, status]))
  const seen = new Set<string>()
  let label = head.stable
  for (;;) {
    seen.add(label)
    const promotion = events.findLast((event) => event.type === 'promoted' && event.to === label)
    const before = promotion?.from ?? null
    if (before === null || seen.has(before)) return undefined
    if (statuses.get(before) !== 'revoked') return before
    label = before
  }
}
