import { compareReleases, type Release } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type {
  NameChange,
  PlannedChange,
  PromoteChange,
  PushChange,
  RefusedChange,
  RetireChange,
} from './changes.ts'
import { type DriftPolicy, judgeDrift } from './drift.ts'
import {
  type Conflict,
  type JudgedRelease,
  type JudgedReleases,
  judgeReleases,
  nameChange,
  ofRelease,
} from './judge-releases.ts'
import type { DesiredRelease, PlanInput } from './plan-input.ts'
import { PromptView } from './prompt-view.ts'
import {
  frozenPrompt,
  frozenSource,
  labelTakenByFile,
  notOwnerMessage,
  otherCaseMessage,
  refusedFinding,
  revokedMessage,
  rolledBackPrompt,
  unreadableRow,
} from './refusals.ts'
import { planRemoval } from './removal.ts'

export interface PromptSettings {
  readonly prereleases: boolean
  /** Whether to retire prompts that the newest release no longer has. */
  readonly prune: boolean
  readonly drift: DriftPolicy
  /** End of the current freeze, as ISO 8601; `null` outside of freezes. */
  readonly frozenUntil: string | null
}

/** The changes of one prompt, in the order in which they are applied, and its problems. */
export interface PromptPlan {
  readonly id: string
  /** For its newest release and its draft. */
  readonly current: readonly PlannedChange[]
  /** For older releases, which only add versions and names. */
  readonly backfill: readonly PlannedChange[]
  readonly refused: readonly RefusedChange[]
  readonly findings: readonly NewFinding[]
  /** `newest`: no higher release counts, so agents miss this one. */
  readonly conflicts: readonly (Conflict & { readonly newest: boolean })[]
  readonly lower: JudgedReleases['lower']
  /** Whether the stable version's payload changes. */
  readonly replaces: boolean
}

/** Plans the changes that bring one prompt in the registry in line with git. Pure. */
export function planPrompt(
  id: string,
  draft: DesiredVersion | undefined,
  input: PlanInput,
  settings: PromptSettings,
): PromptPlan {
  const found = input.registry.get(id)
  if (found?.problem != null) return { ...nothing(id), findings: [unreadableRow(id, found.problem.error)] }
  const view = new PromptView(found)
  const releases = input.releases.get(id) ?? []
  const stranger = strangerOf(id, view, input)
  if (stranger !== null) return notOurs(id, draft ?? releases[0], stranger, input)

  const taken = takenLabels([...releases].reverse(), draft, view)
  const judged = judgeReleases(releases, view, taken, { kind: input.kind, ...settings })
  // Before any change is planned, because this plan's own pushes are not drift.
  const { source, kind } = input
  const drift =
    kind === 'changes'
      ? { heal: null, findings: [] }
      : judgeDrift(view, judged.newest, draft, { source, policy: settings.drift })
  const work = new PromptWork(view, draft, taken, input)
  const standing = work.promote(judged.newest, settings)
  work.pushDraft()
  if (drift.heal !== null) work.current.push(drift.heal)
  work.nameAll(judged.others, standing, settings)

  const changes = [...work.current, ...work.backfill]
  const { retire, archive, findings } = planRemoval(id, view.row, changes, input, settings)
  const tops = [judged.newest?.release.release, view.row?.highest_release, retire[0]?.release]
  const isOlderPushed = work.backfill.length > 0
  const refused = [...judged.refused, ...work.refused].filter((one) => !isPassedBy(one, retire[0]))
  return {
    id,
    current: [...work.current, ...retire, ...(isOlderPushed ? [] : archive)],
    backfill: [...work.backfill, ...(isOlderPushed ? archive : [])],
    refused,
    findings: [
      ...judged.findings,
      ...work.findings,
      ...findings,
      ...drift.findings,
      // A taken name is reported on its tag instead.
      ...refused
        .filter(({ code }) => code !== 'alias_taken')
        .slice(0, 1)
        .map(refusedFinding),
    ],
    conflicts: judged.conflicts.map((one) => ({
      ...one,
      newest: canPromote(one.release, settings) && isTop(one.release, tops),
    })),
    lower: judged.lower,
    replaces: work.replaces,
  }
}

/** A pre-release only names a version, unless the source promotes them. */
function canPromote({ prerelease }: DesiredRelease, { prereleases }: PromptSettings): boolean {
  return prereleases || !prerelease
}

/** Whether a refused release no longer matters, because the prompt is retired at an equal or higher one. */
function isPassedBy({ change, code }: RefusedChange, retire: RetireChange | undefined): boolean {
  if (retire === undefined || code !== 'revoked' || change.do !== 'name') return false
  return compareReleases(change.release, retire.release) <= 0
}

function isTop({ release }: DesiredRelease, others: readonly (Release | null | undefined)[]): boolean {
  return others.every((other) => other == null || compareReleases(release, other) >= 0)
}

function nothing(id: string): PromptPlan {
  const none = { current: [], backfill: [], refused: [], findings: [], conflicts: [], lower: [] }
  return { id, ...none, replaces: false }
}

/** Why the source must not change the prompt; `null` if it may. */
function strangerOf(id: string, { row }: PromptView, { source }: PlanInput) {
  if (row === null) return null
  if (row.prompt_id !== id)
    return { code: 'id_differs_by_case', message: otherCaseMessage(id, row.prompt_id) } as const
  if (row.source === null || row.source === source) return null
  return { code: 'not_owner', message: notOwnerMessage(id, row.source, source) } as const
}

/** Nothing to report for a prompt that only older releases have: it may have moved to another source since. */
function notOurs(
  id: string,
  version: DesiredVersion | undefined,
  { code, message }: Pick<RefusedChange, 'code' | 'message'>,
  { branchIds }: PlanInput,
): PromptPlan {
  if (version === undefined || !branchIds.has(id)) return nothing(id)
  const refused: RefusedChange = {
    change: pushOf(version, { latest: true, creates: true, from: null }),
    code,
    message,
  }
  return { ...nothing(id), refused: [refused], findings: [refusedFinding(refused)] }
}

/**
 * The versions whose label belongs to another version, as identity to identity. The lower release keeps a label,
 * and a draft never takes one from a release. `releases`: lowest first.
 */
function takenLabels(
  releases: readonly DesiredVersion[],
  draft: DesiredVersion | undefined,
  view: PromptView,
): ReadonlyMap<string, string> {
  const claims = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const version of draft === undefined ? releases : [...releases, draft]) {
    if (view.isRevoked(version)) continue
    const name = view.nameOf(version)
    const by = view.takenBy(version)?.identity ?? claims.get(name)
    if (by !== undefined && by !== version.identity) taken.set(version.identity, by)
    else claims.set(name, version.identity)
  }
  return taken
}

/** Above which release older releases wait like the newest one; `null` if they do not wait. */
type WaitingReleases = { readonly above: DesiredRelease['release'] | null } | null

/** Collects the changes of a prompt. Each builds on the state that the earlier ones leave. */
class PromptWork {
  readonly current: PlannedChange[] = []
  readonly backfill: PlannedChange[] = []
  readonly refused: RefusedChange[] = []
  readonly findings: NewFinding[] = []
  replaces = false
  readonly #view: PromptView
  readonly #draft: DesiredVersion | undefined
  readonly #taken: ReadonlyMap<string, string>
  readonly #input: Pick<PlanInput, 'kind' | 'source'>
  #draftDone = false

  constructor(
    view: PromptView,
    draft: DesiredVersion | undefined,
    taken: ReadonlyMap<string, string>,
    input: PlanInput,
  ) {
    this.#view = view
    this.#draft = draft
    this.#taken = taken
    this.#input = input
  }

  /** Promotes the newest release, or makes it wait. Returns whether older releases wait too. */
  promote(newest: JudgedRelease | null, { frozenUntil }: PromptSettings): WaitingReleases {
    if (newest === null) return null
    const { release, verdict } = newest
    const { hold, highest } = this.#view.line
    const reason = this.#view.row?.hold?.reason ?? null
    const waits = (finding: NewFinding): WaitingReleases => {
      this.findings.push(finding)
      this.current.push(...this.#named(release, 'waits'))
      return { above: highest?.release ?? null }
    }
    switch (verdict) {
      case 'repeat':
      case 'not_newer':
        return null
      case 'frozen':
        return waits(frozenPrompt(release.id, release.release, reason))
      case 'rolled_back': {
        const above = hold?.above ?? null
        return waits(rolledBackPrompt(release.id, release.release, { above, reason }))
      }
      case 'promote':
        if (frozenUntil !== null) return waits(frozenSource(release.id, release.release, frozenUntil))
        this.current.push(...this.#pushed(release), this.#promotion(release))
        this.#view.addRelease(release)
        return null
      default:
        return verdict satisfies never
    }
  }

  nameAll(
    releases: readonly DesiredRelease[],
    waiting: WaitingReleases,
    { prereleases }: PromptSettings,
  ): void {
    for (const release of releases) {
      const standing = standingOf(release, waiting, prereleases)
      this.backfill.push(...this.#named(release, standing))
    }
  }

  /** The branch's version becomes the latest, and the prompt is no longer archived. */
  pushDraft(): void {
    this.current.push(...this.#draftPush())
  }

  #draftPush(): PushChange[] {
    const draft = this.#draft
    if (draft === undefined || this.#draftDone) return []
    this.#draftDone = true
    const view = this.#view
    if (view.isRevoked(draft)) {
      const change = pushOf(draft, { latest: true, creates: true, from: view.row?.latest ?? null })
      this.refused.push({ change, code: 'revoked', message: revokedMessage(draft) })
      return []
    }
    const by = this.#taken.get(draft.identity)
    if (by !== undefined) {
      this.findings.push(labelTakenByFile(draft, by))
      return []
    }
    if (this.#isLatest(draft)) return []
    return [this.#push(draft, true)]
  }

  #isLatest(draft: DesiredVersion): boolean {
    const { row } = this.#view
    const known = this.#view.version(draft.identity)
    if (row === null || row.deleted || row.archived || known === undefined) return false
    const { kind, source } = this.#input
    // The latest version was set by hand: that is drift, which a push would hide.
    if (kind !== 'changes' && row.source === source && row.latest_by === 'person') return true
    // Any change makes this source the owner. If there is no other one, this push does.
    const takesOver = kind === 'first' && row.source === null && this.current.length === 0
    return row.latest_identity === draft.identity && !takesOver
  }

  #promotion(release: DesiredRelease): PromoteChange {
    const { stable = null, stable_identity = null, stable_payload_sha256 = null } = this.#view.row ?? {}
    const { rolledBack } = this.#view.line
    const swaps = stable_identity !== release.identity
    // Returning to a version that was rolled back is not a surprise.
    this.replaces =
      stable !== null &&
      stable_payload_sha256 !== release.payloadSha256 &&
      !rolledBack.includes(release.payloadSha256)
    return { do: 'promote', ...ofRelease(release), version: this.#view.nameOf(release), from: stable, swaps }
  }

  /** The push that a release needs before it can be named. */
  #pushed(release: DesiredRelease): PushChange[] {
    if (release.identity === this.#draft?.identity) return this.#draftPush()
    return this.#view.version(release.identity) === undefined ? [this.#push(release, false)] : []
  }

  #named(release: DesiredRelease, standing: NameChange['standing']): PlannedChange[] {
    const named = this.#view.named(release.release)
    const isLost = standing === 'counts' && named?.status === 'draft' && named.waiting.length === 0
    if (named !== undefined && !isLost) return []
    const pushed = this.#pushed(release)
    const change = { ...nameChange(release, standing), version: this.#view.nameOf(release) }
    if (standing === 'counts') this.#view.addRelease(release)
    else this.#view.addName(release.release, release)
    return [...pushed, change]
  }

  #push(version: DesiredVersion, latest: boolean): PushChange {
    const creates = this.#view.version(version.identity) === undefined
    const from = this.#view.row?.latest ?? null
    const named = { ...version, version: this.#view.nameOf(version) }
    const push = pushOf(named, { latest, creates, from })
    if (creates) this.#view.addVersion(version)
    return push
  }
}

function standingOf(
  { release, prerelease }: DesiredRelease,
  waiting: WaitingReleases,
  prereleases: boolean,
): NameChange['standing'] {
  if (prerelease && !prereleases) return 'names'
  const isAbove = waiting !== null && (waiting.above === null || compareReleases(release, waiting.above) > 0)
  return isAbove ? 'waits' : 'counts'
}

function pushOf(
  desired: DesiredVersion,
  { latest, creates, from }: Pick<PushChange, 'latest' | 'creates' | 'from'>,
): PushChange {
  const { id, path, blob, commit, format, templateLanguage, contentStart, additions } = desired
  const { identity, version, contentSha256, payloadSha256 } = desired
  return {
    ...{ do: 'push', id, path, blob, commit, format, templateLanguage, contentStart, additions },
    ...{ identity, version, contentSha256, payloadSha256, latest, creates, from },
  }
}
