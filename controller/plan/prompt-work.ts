import { compareReleases } from '../../api/contract/release.ts'
import type { EvidenceVerdict, UnmetRequirement } from '../evidence/judge-evidence.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { type BreakingRelease, breakingInputs, heldByInputs } from './breaking-inputs.ts'
import type { NameChange, PlannedChange, PromoteChange, PushChange, RefusedChange } from './changes.ts'
import { type UnattestedRelease, waitingForEvidence } from './evidence-findings.ts'
import { type JudgedRelease, nameChange, ofRelease } from './judge-releases.ts'
import type { DesiredRelease, PromptsInput } from './plan-input.ts'
import type { PromptView } from './prompt-view.ts'
import {
  frozenPrompt,
  frozenSource,
  labelTakenByFile,
  revokedMessage,
  rolledBackPrompt,
  rolledBackSource,
} from './refusals.ts'

/** Above which release older releases wait like the newest one; `null` if they do not wait. */
type WaitingReleases = { readonly above: DesiredRelease['release'] | null } | null

/** What can make a release wait, besides its release line. */
interface Obstacles {
  /** End of the current freeze, as ISO 8601. */
  readonly frozenUntil: string | null
  readonly breaking: BreakingRelease | null
  /** How the release was judged by its requirements for evidence. */
  readonly evidence: EvidenceVerdict
}

/** Collects the changes of a prompt. Each builds on the state that the earlier ones leave. */
export class PromptWork {
  readonly current: PlannedChange[] = []
  readonly backfill: PlannedChange[] = []
  readonly refused: RefusedChange[] = []
  readonly findings: NewFinding[] = []
  /** The promoted release, if evidence is missing that the platform only warns about. */
  readonly unattested: UnattestedRelease[] = []
  replaces = false
  isDraftRefused = false
  readonly #view: PromptView
  readonly #draft: DesiredVersion | undefined
  readonly #taken: ReadonlyMap<string, string>
  readonly #input: Pick<PromptsInput, 'kind' | 'source'>
  #draftDone = false

  constructor(
    view: PromptView,
    draft: DesiredVersion | undefined,
    taken: ReadonlyMap<string, string>,
    input: PromptsInput,
  ) {
    this.#view = view
    this.#draft = draft
    this.#taken = taken
    this.#input = input
  }

  /** Promotes the newest release, or makes it wait. Returns whether older releases wait too. */
  promote(newest: JudgedRelease | null, { frozenUntil, breaking, evidence }: Obstacles): WaitingReleases {
    if (newest === null) return null
    const { release, verdict } = newest
    const { hold, highest, sourceHold } = this.#view.line
    const reason = this.#view.row?.hold?.reason ?? null
    const waits = (finding: NewFinding): WaitingReleases => {
      this.findings.push(finding)
      this.current.push(...this.#named(release, 'waits'))
      return { above: highest?.release ?? null }
    }
    const { met, unmet } = evidence
    const note = () => {
      if (breaking !== null) this.findings.push(breakingInputs(breaking))
    }
    switch (verdict) {
      case 'repeat':
        note()
        return null
      case 'not_newer':
        return null
      case 'frozen':
        return waits(frozenPrompt(release.id, release.release, reason))
      case 'rolled_back': {
        const above = hold?.above ?? null
        return waits(rolledBackPrompt(release.id, release.release, { above, reason }))
      }
      case 'source_rolled_back':
        return waits(
          rolledBackSource(release.id, release.release, {
            source: this.#input.source,
            above: sourceHold?.above ?? null,
          }),
        )
      case 'promote':
        if (frozenUntil !== null) return waits(frozenSource(release.id, release.release, frozenUntil))
        if (unmet.some(isRequired)) return waits(waitingForEvidence(release, unmet.filter(isRequired)))
        if (breaking !== null && this.#view.enforcesInputs && this.#view.row?.stable != null)
          return waits(heldByInputs(breaking))
        note()
        if (unmet.length > 0) this.unattested.push({ release, unmet })
        this.current.push(...this.#pushed(release), this.#promotion(release, met))
        this.#view.addRelease(release)
        return null
      default:
        return verdict satisfies never
    }
  }

  nameAll(releases: readonly DesiredRelease[], waiting: WaitingReleases, prereleases: boolean): void {
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
      this.isDraftRefused = true
      const change = pushOf(draft, { latest: true, creates: true, from: view.row?.latest ?? null })
      this.refused.push({ change, code: 'revoked', message: revokedMessage(draft) })
      return []
    }
    const by = this.#taken.get(draft.identity)
    if (by !== undefined) {
      this.isDraftRefused = true
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

  #promotion(release: DesiredRelease, evidence: EvidenceVerdict['met']): PromoteChange {
    const { stable = null, stable_identity = null, stable_payload_sha256 = null } = this.#view.row ?? {}
    const { rolledBack } = this.#view.line
    const swaps = stable_identity !== release.identity
    // Returning to a version that was rolled back is not a surprise.
    this.replaces =
      stable !== null &&
      stable_payload_sha256 !== release.payloadSha256 &&
      !rolledBack.includes(release.payloadSha256)
    const version = this.#view.nameOf(release)
    return { do: 'promote', ...ofRelease(release), version, from: stable, swaps, evidence }
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

function isRequired({ requirement }: UnmetRequirement): boolean {
  return requirement === null || requirement.mode === 'require'
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

export function pushOf(
  desired: DesiredVersion,
  { latest, creates, from }: Pick<PushChange, 'latest' | 'creates' | 'from'>,
): PushChange {
  const { id, path, blob, commit, format, templateLanguage, contentStart, additions, sidecars, files } =
    desired
  const { identity, version, contentSha256, payloadSha256 } = desired
  return {
    ...{ do: 'push', id, path, blob, commit, format, templateLanguage, contentStart, additions },
    ...{ identity, version, contentSha256, payloadSha256, latest, creates, from },
    ...(sidecars !== undefined && { sidecars }),
    ...(files !== undefined && { files }),
  }
}
