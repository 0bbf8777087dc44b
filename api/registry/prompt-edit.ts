import { LIMITS } from '../contract/limits.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { EventType } from '../contract/registry-api.ts'
import type { Release } from '../contract/release.ts'
import { higherRelease, parseRelease } from '../contract/release.ts'
import { type VersionName, versionNameKey } from '../contract/version-name.ts'
import type { Change, Head, Hold, NameClaim, PromptEvent, Snapshot, VersionRecord } from '../store/records.ts'
import type { Authority } from './authority.ts'

/** Who changes a prompt, when and why. */
export interface Act {
  readonly actor: string
  /** ISO 8601. */
  readonly at: string
  readonly reason: string | null
  readonly newId: () => string
}

/** What an operation decided: a change to commit, or none, and what to answer once it is committed. */
export interface Step<A> {
  readonly change: Change | null
  readonly answer: A
}

interface EventFields {
  readonly from?: string | null
  readonly to?: string | null
  readonly details?: PromptEvent['details']
}

/** Collects what one operation changes of one prompt. Pure: nothing is written before the change is committed. */
export class PromptEdit {
  #head: Head
  readonly #act: Act
  readonly #authority: Authority | null
  readonly #expectedRevision: number
  readonly #versions = new Map<VersionName, VersionRecord>()
  readonly #names: NameClaim[] = []
  readonly #events: PromptEvent[] = []
  #content: Change['content'] = null

  constructor(
    snapshot: Snapshot | undefined,
    promptId: PromptId,
    act: Act,
    authority: Authority | null = null,
  ) {
    this.#head = snapshot?.head ?? newHead(promptId, act.at)
    this.#expectedRevision = this.#head.revision
    this.#act = act
    this.#authority = authority
    if (authority?.takesOwnership === true) this.setOwner(authority.source)
  }

  get at(): string {
    return this.#act.at
  }

  get head(): Head {
    return this.#head
  }

  /** The version as this edit leaves it. */
  current(version: VersionRecord): VersionRecord {
    return this.#versions.get(version.label) ?? version
  }

  addVersion(version: VersionRecord, text: string): void {
    this.putVersion(version)
    this.#content = { sha256: version.contentSha256, text }
    this.#set({ versionCount: version.order })
    this.#claim(version.label, version.label, parseRelease(version.label) ?? null)
  }

  putVersion(version: VersionRecord): void {
    this.#versions.set(version.label, version)
  }

  /** Changes some of a version, and says when. */
  updateVersion(version: VersionRecord, fields: Partial<VersionRecord>): VersionRecord {
    const updated = { ...this.current(version), ...fields, updatedAt: this.#act.at }
    this.putVersion(updated)
    return updated
  }

  /** Gives a version its second name; `release` where a rollback may go to it by that name. */
  addAlias(version: VersionRecord, alias: VersionName, release: Release | null): void {
    const current = this.current(version)
    this.updateVersion(version, {
      aliases: [alias, ...current.aliases].slice(0, LIMITS.recentAliases),
      release: higherRelease(release ?? undefined, current.release ?? undefined) ?? null,
    })
    this.#claim(alias, version.label, release)
    this.log('alias_added', { to: version.label, details: { alias } })
  }

  setOwner(source: string | null): void {
    this.log('owner_changed', { from: this.#head.owner, to: source })
    this.#set({ owner: source })
  }

  setLatest(label: VersionName): void {
    this.#set({ latest: label })
  }

  setStable(label: VersionName | null, withdrawn: VersionName | null = null): void {
    const { retired: _, ...head } = this.#head
    this.#head = { ...head, stable: label, withdrawn }
  }

  /** Leaves the prompt without a stable version from a release on. */
  setRetired(release: Release, stable: VersionRecord): void {
    this.setStable(null)
    this.#set({ retired: release })
    this.log('retired', { from: stable.label, details: { release } })
  }

  setArchived(archived: boolean): void {
    const { archived: _, ...head } = this.#head
    this.#head = archived ? { ...head, archived } : head
    this.log(archived ? 'archived' : 'unarchived')
  }

  raiseHighest(release: Release, version: VersionRecord): void {
    this.#set({ highest: { release, label: version.label, identity: version.identity } })
  }

  setHold(kind: Hold['kind'], rolledBackFrom: Hold['rolledBackFrom'], reason: string | null): void {
    const { actor, at } = this.#act
    this.#set({ hold: { kind, since: at, actor, reason, rolledBackFrom } })
    this.log('held', { details: { kind } })
  }

  liftHold(): void {
    this.log('hold_lifted', { details: { kind: this.#head.hold?.kind ?? null } })
    this.#set({ hold: null })
  }

  log(type: EventType, fields: EventFields = {}): void {
    const { actor, at, reason, newId } = this.#act
    const sequence = this.#head.revision + 1
    const { from = null, to = null, details = null } = fields
    this.#events.push({ id: newId(), sequence, type, at, actor, reason, from, to, details })
    this.#set({ revision: sequence, updatedAt: at })
  }

  /** Ends the edit. Without an event there is nothing to commit. */
  finish<A>(answer: (head: Head) => A): Step<A> {
    if (this.#events.length > 0) this.#mark()
    return { change: this.#events.length === 0 ? null : this.#change(), answer: answer(this.#head) }
  }

  /** What a write leaves behind besides what it did: the freeze of an override, the token of a lease. */
  #mark(): void {
    const { overrides = false, source = null, leaseToken = null } = this.#authority ?? {}
    if (overrides && this.#head.hold?.kind !== 'until_lifted') {
      this.setHold('until_lifted', null, this.#act.reason ?? 'An admin overrode the owner.')
    }
    if (source !== null && leaseToken !== null)
      this.#set({ fences: { ...this.#head.fences, [source]: leaseToken } })
  }

  #change(): Change {
    return {
      promptId: this.#head.promptId,
      expectedRevision: this.#expectedRevision,
      head: this.#head,
      versions: [...this.#versions.values()],
      content: this.#content,
      names: this.#names,
      events: this.#events,
    }
  }

  #claim(name: VersionName, label: VersionName, release: Release | null): void {
    this.#names.push({ key: versionNameKey(name), name, label, release })
  }

  #set(fields: Partial<Head>): void {
    this.#head = { ...this.#head, ...fields }
  }
}

function newHead(promptId: PromptId, at: string): Head {
  return {
    promptId,
    revision: 0,
    stable: null,
    withdrawn: null,
    latest: null,
    owner: null,
    hold: null,
    highest: null,
    fences: {},
    versionCount: 0,
    createdAt: at,
    updatedAt: at,
  }
}
