import type { PromptId } from '../contract/prompt-id.ts'
import type { EventType, ReleaseTag, SetBy } from '../contract/registry-api.ts'
import { parseRelease, type Release } from '../contract/release.ts'
import { type VersionName, versionNameKey } from '../contract/version-name.ts'
import type { AtomicChange, NewContent } from '../store/atomic-change.ts'
import type { Head, Hold, NameClaim, PromptEvent, Snapshot, VersionRecord } from '../store/records.ts'
import { type Act, type EventFields, nextEvent } from './act.ts'
import type { Authority } from './authority.ts'
import { archivedHead, deletedHead, newHead, rollbacksAfter, unarchivedHead } from './head-changes.ts'
import { tagDetails } from './tag-details.ts'
import { addedAlias, addedWaiting, countedRelease, settledStatus } from './version-changes.ts'

/** The result of an operation: a change to commit, or none, and the answer to return after the commit. */
export interface EditStep<A> {
  readonly change: AtomicChange | null
  readonly answer: A
  /** false: a source made the change under its lease, as a part of a pass. */
  readonly byHand: boolean
}

/** Collects the changes of one operation to one prompt. Pure: nothing is written before the commit. */
export class PromptEdit {
  #head: Head
  readonly #act: Act
  readonly #authority: Authority | null
  readonly #before: Snapshot | undefined
  readonly #versions = new Map<VersionName, VersionRecord>()
  readonly #names: NameClaim[] = []
  readonly #events: PromptEvent[] = []
  #content: AtomicChange['content'] = null

  constructor(
    snapshot: Snapshot | undefined,
    promptId: PromptId,
    act: Act,
    authority: Authority | null = null,
  ) {
    this.#before = snapshot
    this.#head = snapshot?.head ?? newHead(promptId, act.at)
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

  /** The value of `stable_by` or `latest_by` for this edit. */
  get setBy(): SetBy {
    return this.#authority?.source != null && !this.#authority.overrides ? 'source' : 'person'
  }

  /** The version with the changes of this edit. */
  current(version: VersionRecord): VersionRecord {
    return this.#versions.get(version.version) ?? version
  }

  addVersion(version: VersionRecord, content: NewContent): void {
    const { deleted: _, ...head } = this.#head
    this.#head = { ...head, versionCount: version.order }
    this.putVersion(version)
    this.#content = content
    this.#claim(version.version, version, parseRelease(version.version) ?? null)
  }

  /** Writes a version again after its row was lost. */
  restoreVersion(version: VersionRecord, content: NewContent): void {
    this.putVersion(version)
    this.#content = content
    this.#claim(version.version, version, parseRelease(version.version) ?? null)
    this.log('version_restored', { to: version.version })
  }

  putVersion(version: VersionRecord): void {
    this.#versions.set(version.version, version)
  }

  updateVersion(version: VersionRecord, fields: Partial<VersionRecord>): VersionRecord {
    const updated = { ...this.current(version), ...fields, updatedAt: this.#act.at }
    this.putVersion(updated)
    return updated
  }

  /** Adds an alias to a version. With `release`, a rollback may return to the version by that name. */
  addAlias(version: VersionRecord, alias: VersionName, release: Release | null, tag?: ReleaseTag): void {
    this.updateVersion(version, addedAlias(this.current(version), alias))
    this.#claim(alias, version, release)
    this.log('alias_added', { to: version.version, details: { alias, ...tagDetails(tag) } })
  }

  /** Marks the version's release as counting. */
  countRelease(version: VersionRecord, release: Release): void {
    const change = countedRelease(this.current(version), release)
    if (change !== null) this.updateVersion(version, change)
  }

  /** Records that the version's release waits for a hold or a freeze to end. */
  awaitRelease(version: VersionRecord, release: Release): void {
    this.updateVersion(version, addedWaiting(this.current(version), release))
  }

  setOwner(source: string | null): void {
    this.log('owner_changed', { from: this.#head.owner, to: source })
    this.#set({ owner: source })
  }

  setLatest(version: VersionName): void {
    this.#set({ latest: version, latestBy: this.setBy })
  }

  setStable(version: VersionName | null, by: SetBy | null, withdrawn: VersionName | null = null): void {
    const { retired: _, ...head } = this.#head
    this.#head = { ...head, stable: version, stableBy: by, withdrawn }
  }

  /** Demotes `version` in a rollback to `target`. */
  rememberRollback(version: VersionRecord | null, target: VersionRecord): void {
    this.#set({ rolledBack: rollbacksAfter(this.#head, version, target) })
  }

  /**
   * A newer release clears all earlier rollbacks; a person's promotion clears only that of the promoted version.
   */
  forgetRollbacks({ payloadSha256 }: VersionRecord): void {
    const isOther = (one: Head['rolledBack'][number]) => one.payloadSha256 !== payloadSha256
    this.#set({ rolledBack: this.setBy === 'source' ? [] : this.#head.rolledBack.filter(isOther) })
  }

  /** Takes the stable version out of service: the set that the source was rolled back to does not have the prompt. */
  withdrawStable(stable: VersionRecord | null): void {
    if (stable === null) return
    this.updateVersion(stable, { status: 'deprecated' })
    this.setStable(null, null)
    this.log('rolled_back', { from: stable.version })
  }

  /** Removes the stable version as of a release. */
  setRetired(release: Release, stable: VersionRecord, tag?: ReleaseTag): void {
    this.setStable(null, null)
    this.#set({ retired: release })
    this.log('retired', { from: stable.version, details: { release, ...tagDetails(tag) } })
  }

  /** `movedTo`: the id under which the source has the prompt now; `null` if it has none. */
  setArchived(archived: boolean, movedTo: PromptId | null = null): void {
    if (archived) {
      this.#head = archivedHead(this.#head, movedTo)
      this.log('archived', { details: movedTo === null ? null : { moved_to: movedTo } })
    } else {
      this.#head = unarchivedHead(this.#head)
      this.log('unarchived')
    }
  }

  /** Deletes the prompt. Revocations and holds stay on record. */
  setDeleted(): void {
    const { stable, owner } = this.#head
    this.#head = deletedHead(this.#head, this.#act.at, this.#act.actor)
    this.log('deleted', { from: stable, details: { source: owner } })
  }

  raiseHighest(release: Release, version: VersionRecord): void {
    this.#set({ highest: { release, version: version.version, identity: version.identity } })
  }

  setHold(hold: Pick<Hold, 'kind' | 'rolledBackFrom' | 'above'>, reason: string | null): void {
    const { actor, at } = this.#act
    this.#set({ hold: { ...hold, since: at, actor, reason } })
    this.log('held', { details: { kind: hold.kind } })
  }

  liftHold(): void {
    this.log('hold_lifted', { details: { kind: this.#head.hold?.kind ?? null } })
    this.#set({ hold: null })
  }

  log(type: EventType, fields: EventFields = {}): void {
    const event = nextEvent(this.#act, this.#head, type, fields)
    this.#events.push(event)
    this.#set({ revision: event.sequence, updatedAt: event.at })
  }

  /** Ends the edit. Without events there is nothing to commit. */
  finish<A>(answer: (head: Head, applied: boolean) => A): EditStep<A> {
    const applied = this.#events.length > 0
    if (applied) {
      this.#settleLatest()
      this.#mark()
    }
    const { source = null, leaseToken = null, overrides = false } = this.#authority ?? {}
    const byHand = source === null || leaseToken === null || overrides
    return { change: applied ? this.#change() : null, answer: answer(this.#head, applied), byHand }
  }

  /**
   * A waiting release of the latest version may count now. Other versions need no write, because reads derive
   * their status from the highest release.
   */
  #settleLatest(): void {
    const latest = this.#before?.latest
    if (latest == null) return
    const change = settledStatus(this.current(latest), this.#head.highest?.release ?? null, this.at)
    if (change !== null) this.updateVersion(latest, change)
  }

  /** Side effects of a write: the freeze of an override, and the token of a lease. */
  #mark(): void {
    const { overrides = false, source = null, leaseToken = null } = this.#authority ?? {}
    if (overrides && this.#head.hold?.kind !== 'until_lifted') {
      const hold = { kind: 'until_lifted', rolledBackFrom: null, above: null } as const
      this.setHold(hold, this.#act.reason ?? 'An admin overrode the owner.')
    }
    if (source !== null && leaseToken !== null)
      this.#set({ fences: { ...this.#head.fences, [source]: leaseToken } })
  }

  #change(): AtomicChange {
    return {
      promptId: this.#head.promptId,
      expectedRevision: this.#before?.head.revision ?? 0,
      head: this.#head,
      versions: [...this.#versions.values()],
      content: this.#content,
      names: this.#names,
      events: this.#events,
    }
  }

  #claim(name: VersionName, { version, identity }: VersionRecord, release: Release | null): void {
    this.#names.push({ key: versionNameKey(name), name, version, identity, release })
  }

  #set(fields: Partial<Head>): void {
    this.#head = { ...this.#head, ...fields }
  }
}
