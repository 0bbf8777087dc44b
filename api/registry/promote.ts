import { RegistryError } from '../contract/errors.ts'
import type { InputChange } from '../contract/input-contract.ts'
import type { PromoteAnswer, PromoteRequest } from '../contract/registry-api.ts'
import { compareReleases, higherRelease, parseRelease, type Release } from '../contract/release.ts'
import {
  judgePromotion,
  type LineVerdict,
  type ReleaseLine,
  type SourceHoldLine,
} from '../contract/release-line.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import { authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { compareDeclared, inputDetails, refuseBreaking, waitingRelease } from './changed-inputs.ts'
import { partDetails } from './changed-parts.ts'
import type { RegistrySettings } from './context.ts'
import { shownRelease } from './documents.ts'
import { aliasToAdd, existing, refuseRevision, refuseRevokedVersion, versionNamed } from './guards.ts'
import type { LostVersion } from './lost-version.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'
import { tagDetails } from './tag-details.ts'

/**
 * Promotes a version. A source's promotion follows the release line (`judgePromotion`); a person may promote any
 * version. `lost`: the target, if its row must be written again. Throws `not_found`, `label_taken`,
 * `revision_conflict`, `revoked`, `alias_taken`, `held`, `not_newer`, `breaking_inputs` and the errors of
 * `authorize`.
 */
export function decidePromote(
  id: string,
  request: PromoteRequest,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
  { lost = null, inputs = 'report', sourceHold = null }: PromotionRules = {},
): EditStep<PromoteAnswer> {
  const { head, stable } = existing(id, snapshot)
  refuseRevision(head, request.expected_revision)
  const authority = authorize(head, caller, { ...request, leaseToken: request.lease_token })
  const target = versionNamed(id, request.version, found, request.identity)
  refuseRevokedVersion(id, target)
  const alias = aliasToAdd(id, request.alias, target, found)
  const named = request.alias === undefined ? undefined : parseRelease(request.alias)
  const release = named ?? target.release ?? undefined
  const bound = authority.source !== null && !authority.overrides
  const verdict = bound ? judgePromotion(lineOf(head, sourceHold), { ...target, release }) : 'promote'
  refuse(verdict, head, release, { source: authority.source, hold: sourceHold })
  const changed = verdict === 'promote' && target.version !== stable?.version
  const inputChanges = changed && stable !== null ? compareDeclared(stable, target) : []
  if (inputs === 'enforce' && request.allow_breaking_inputs !== true)
    refuseBreaking(head, stable, target, {
      changes: inputChanges,
      release: release ?? waitingRelease(target),
    })

  const edit = new PromptEdit(snapshot, id, act, authority)
  if (lost !== null) edit.restoreVersion(lost.version, lost.content)
  if (bound && verdict === 'promote' && head.hold !== null) edit.liftHold()
  if (alias !== null) edit.addAlias(target, alias, named ?? null, request.release_tag)
  if (named !== undefined) edit.countRelease(target, named)
  // A person promotes a version, not a tag, so the version's highest release counts.
  const counted = bound ? release : higherRelease(release, target.release ?? undefined)
  if (changed) swapStable(edit, stable, target, counted, { request, inputChanges })
  else if (verdict === 'promote') confirmStable(edit, target, bound)
  raiseHighest(edit, head, counted, target, changed)
  repairStable(edit, head, target)
  return edit.finish((after, applied) => {
    const now = after.stable === stable?.version ? (stable ?? target) : target
    return {
      prompt_id: after.promptId,
      version: now.version,
      release: shownRelease(edit.current(now), after),
      status: 'stable',
      changed,
      applied,
      previous: stable?.version ?? null,
      previous_release: shownRelease(stable, head),
      revision: after.revision,
    }
  })
}

export interface PromotionRules {
  readonly lost?: LostVersion | null
  readonly inputs?: RegistrySettings['inputs']
  readonly sourceHold?: SourceHoldLine | null
}

/** The release line of a prompt, for `judgePromotion`. */
function lineOf({ hold, highest, rolledBack }: Head, sourceHold: SourceHoldLine | null): ReleaseLine {
  return { hold, highest, rolledBack: rolledBack.map(({ payloadSha256 }) => payloadSha256), sourceHold }
}

/** Makes `target` the only stable version. */
function swapStable(
  edit: PromptEdit,
  stable: VersionRecord | null,
  target: VersionRecord,
  release: Release | undefined,
  {
    request: { release_tag, evidence = [] },
    inputChanges,
  }: { readonly request: PromoteRequest; readonly inputChanges: readonly InputChange[] },
): void {
  if (stable !== null) edit.updateVersion(stable, { status: 'deprecated' })
  makeStable(edit, stable, target)
  edit.log('promoted', {
    from: stable?.version ?? null,
    to: target.version,
    details: {
      ...(release !== undefined && { release }),
      ...tagDetails(release_tag),
      ...(evidence.length > 0 && { evidence }),
      ...partDetails(stable, target),
      ...inputDetails(inputChanges),
    },
  })
}

export function makeStable(edit: PromptEdit, stable: VersionRecord | null, target: VersionRecord): void {
  const releasedAt = edit.current(target).releasedAt ?? edit.at
  edit.updateVersion(target, { status: 'stable', promotedOver: stable?.version ?? null, releasedAt })
  edit.setStable(target.version, edit.setBy)
  edit.forgetRollbacks(target)
}

/** The version may be stable because of a rollback; from now on it is stable by this promotion. */
function confirmStable(edit: PromptEdit, target: VersionRecord, bound: boolean): void {
  if (!bound || edit.head.stableBy === 'source') return
  edit.setStable(target.version, 'source')
  edit.forgetRollbacks(target)
}

/** Another program may have overwritten the row of the stable version. */
function repairStable(edit: PromptEdit, { stable }: Head, target: VersionRecord): void {
  if (stable !== target.version || edit.current(target).status === 'stable') return
  edit.updateVersion(target, { status: 'stable' })
  edit.log('version_restored', { to: target.version })
}

function raiseHighest(
  edit: PromptEdit,
  head: Head,
  release: Release | undefined,
  target: VersionRecord,
  changed: boolean,
): void {
  if (release === undefined) return
  if (head.highest !== null && compareReleases(release, head.highest.release) <= 0) return
  edit.raiseHighest(release, target)
  if (changed) return
  edit.log('release_raised', {
    to: target.version,
    details: { release, above: head.highest?.release ?? null },
  })
}

/** Throws `held`, `not_newer`. */
function refuse(
  verdict: LineVerdict,
  head: Head,
  release: Release | undefined,
  { source, hold: sourceHold }: { readonly source: string | null; readonly hold: SourceHoldLine | null },
): void {
  const { promptId, hold, highest } = head
  switch (verdict) {
    case 'promote':
    case 'repeat':
      return
    case 'frozen':
      throw held(
        head,
        `The prompt "${promptId}" is frozen${because(hold?.reason)}; lift the hold to let releases through.`,
      )
    case 'rolled_back':
      throw held(
        head,
        `The prompt "${promptId}" was rolled back${rolledBackFrom(head)}${because(hold?.reason)}; a release${aboveOf(head)} with other content ends the hold, or lift it.`,
      )
    case 'source_rolled_back':
      throw heldBySource(promptId, source, sourceHold)
    case 'not_newer': {
      const what = release === undefined ? 'A promotion without a semantic version' : `Release ${release}`
      throw new RegistryError(
        'not_newer',
        `${what} is not above ${highest?.release}, the highest release of "${promptId}"; releases never go backwards. To go back, roll back.`,
        { details: { release: release ?? null, highest: highest?.release ?? null, source } },
      )
    }
    default:
      verdict satisfies never
  }
}

function rolledBackFrom({ hold }: Head): string {
  return hold?.rolledBackFrom == null ? '' : ` from version ${hold.rolledBackFrom}`
}

function aboveOf({ hold }: Head): string {
  return hold?.above == null ? '' : ` above ${hold.above}`
}

function held({ hold }: Head, sentence: string): RegistryError {
  return new RegistryError('held', sentence, {
    details: { hold: { kind: hold?.kind, since: hold?.since, actor: hold?.actor, reason: hold?.reason } },
  })
}

/** `held`: a person rolled back the whole source. */
export function heldBySource(
  promptId: string,
  source: string | null,
  hold: SourceHoldLine | null,
): RegistryError {
  return new RegistryError(
    'held',
    `The source "${source}" was rolled back, so "${promptId}" waits for a release above ${hold?.above}.`,
    { details: { source, above: hold?.above ?? null } },
  )
}

function because(reason: string | null | undefined): string {
  return reason == null ? '' : ` (${reason})`
}

/** The keys to look up for a promotion or an alias. */
export function namesOf(request: {
  readonly version: string
  readonly alias?: string | undefined
}): string[] {
  return [request.version, request.alias].filter((name) => name !== undefined).map(versionNameKey)
}
