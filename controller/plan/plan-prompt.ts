import { compareReleases, type Release } from '../../api/contract/release.ts'
import { type EvidenceJudge, NOTHING_REQUIRED } from '../evidence/judge-evidence.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { breakingRelease } from './breaking-inputs.ts'
import type { PlannedChange, RefusedChange, RetireChange } from './changes.ts'
import { type DriftPolicy, judgeDrift } from './drift.ts'
import type { UnattestedRelease } from './evidence-findings.ts'
import { type Conflict, type JudgedReleases, judgeReleases } from './judge-releases.ts'
import type { DesiredRelease, PromptsInput } from './plan-input.ts'
import { PromptView } from './prompt-view.ts'
import { PromptWork, pushOf } from './prompt-work.ts'
import { notOwnerMessage, otherCaseMessage, refusedFinding, unreadableRow } from './refusals.ts'
import { planRemoval } from './removal.ts'
import { takenLabels } from './taken-labels.ts'

export interface PromptSettings {
  readonly prereleases: boolean
  /** Whether to retire prompts that the newest release no longer has. */
  readonly prune: boolean
  readonly drift: DriftPolicy
  /** End of the current freeze, as ISO 8601; `null` outside of freezes. */
  readonly frozenUntil: string | null
  readonly evidence: EvidenceJudge
  /** Whether to retire prompts that somebody reads. Default: false. */
  readonly retireRead?: boolean
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
  /** Releases that are promoted without evidence. */
  readonly unattested: readonly UnattestedRelease[]
  /** The release whose promotion depends on evidence; `null` if none does. */
  readonly gated: DesiredRelease | null
  /** Whether the stable version's payload changes. */
  readonly replaces: boolean
  /** Whether the registry has the branch's version afterwards. */
  readonly takesDraft: boolean
}

/** Plans the changes that bring one prompt in the registry in line with git. `movedTo`: its id now. Pure. */
export function planPrompt(
  id: string,
  draft: DesiredVersion | undefined,
  input: PromptsInput,
  settings: PromptSettings,
  movedTo?: string,
): PromptPlan {
  const found = input.registry.get(id)
  if (found?.problem != null) return { ...nothing(id), findings: [unreadableRow(id, found.problem.error)] }
  const view = new PromptView(found, input.sourceHold)
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
  const breaking = breakingRelease(judged, view, { kind, prereleases: settings.prereleases })
  const gated = gatedRelease(judged.newest, view, settings)
  const evidence = gated === null ? NOTHING_REQUIRED : settings.evidence.judge(gated, input.evidence)
  const { frozenUntil } = settings
  const standing = work.promote(judged.newest, { frozenUntil, breaking, evidence })
  work.pushDraft()
  if (drift.heal !== null) work.current.push(drift.heal)
  work.nameAll(judged.others, standing, settings.prereleases)

  const changes = [...work.current, ...work.backfill]
  const { retire, archive, findings } = planRemoval(id, view.row, changes, input, settings, movedTo)
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
    ...{ lower: judged.lower, gated, unattested: work.unattested },
    replaces: work.replaces,
    takesDraft: draft !== undefined && !work.isDraftRefused,
  }
}

/** A pre-release only names a version, unless the source promotes them. */
function canPromote({ prerelease }: DesiredRelease, { prereleases }: PromptSettings): boolean {
  return prereleases || !prerelease
}

/** The newest release, if its promotion would make another version stable and nothing else makes it wait. */
function gatedRelease(
  newest: JudgedReleases['newest'],
  { row }: PromptView,
  { evidence, frozenUntil }: PromptSettings,
): DesiredRelease | null {
  if (newest?.verdict !== 'promote' || frozenUntil !== null) return null
  const { release } = newest
  const isServed = row?.stable_identity === release.identity
  const isGated = evidence.requirementsFor(release.id).length > 0 || evidence.mustHaveServed(release.id)
  return isGated && !isServed ? release : null
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
  const none = {
    current: [],
    backfill: [],
    refused: [],
    findings: [],
    conflicts: [],
    lower: [],
    unattested: [],
  }
  return { id, ...none, gated: null, replaces: false, takesDraft: false }
}

/** Why the source must not change the prompt; `null` if it may. */
function strangerOf(id: string, { row }: PromptView, { source }: PromptsInput) {
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
  { branchIds }: PromptsInput,
): PromptPlan {
  if (version === undefined || !branchIds.has(id)) return nothing(id)
  const refused: RefusedChange = {
    change: pushOf(version, { latest: true, creates: true, from: null }),
    code,
    message,
  }
  return { ...nothing(id), refused: [refused], findings: [refusedFinding(refused)] }
}
