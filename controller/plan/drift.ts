import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { HealChange } from './changes.ts'
import type { JudgedRelease } from './judge-releases.ts'
import type { PromptView } from './prompt-view.ts'
import { driftedPrompt } from './refusals.ts'

/** How a source handles a stable or latest version that was set by hand. */
export type DriftPolicy = 'report' | 'heal'

export interface Drift {
  readonly heal: HealChange | null
  readonly findings: readonly NewFinding[]
}

interface Differing<Wanted> {
  readonly finding: NewFinding
  /** The version to restore; `null` if that is not possible yet. */
  readonly wanted: Wanted | null
}

/** How versions set by hand differ from git. A hold, a rollback or a revocation does not count as drift. */
export function judgeDrift(
  view: PromptView,
  newest: JudgedRelease | null,
  draft: DesiredVersion | undefined,
  { source, policy }: { readonly source: string; readonly policy: DriftPolicy },
): Drift {
  const { row } = view
  if (row === null || row.deleted || row.source !== source) return { heal: null, findings: [] }
  const stable = stableDrift(row, view, newest)
  const latest = latestDrift(row, view, draft)
  const heal: HealChange = {
    do: 'heal',
    id: row.prompt_id,
    stable: policy === 'heal' ? (stable?.wanted ?? null) : null,
    latest: policy === 'heal' ? (latest?.wanted ?? null) : null,
  }
  const open = [heal.stable === null ? stable : null, heal.latest === null ? latest : null]
  return {
    heal: heal.stable === null && heal.latest === null ? null : heal,
    // One finding per prompt; stable matters more, because it is served.
    findings: open.flatMap((one) => one?.finding ?? []).slice(0, 1),
  }
}

function stableDrift(
  row: PromptRow,
  view: PromptView,
  newest: JudgedRelease | null,
): Differing<NonNullable<HealChange['stable']>> | null {
  const { prompt_id: id, stable, stable_by, stable_identity, hold } = row
  const isHeld = hold !== null || view.line.sourceHold !== null
  if (stable === null || stable_by !== 'person' || isHeld) return null
  if (newest === null)
    return { finding: driftedPrompt(id, 'stable', { has: stable, git: null }), wanted: null }
  const { release, verdict } = newest
  const isSettled = verdict === 'repeat' || verdict === 'not_newer'
  if (!isSettled || stable_identity === release.identity) return null
  const named = view.named(release.release)
  const version = named?.version ?? release.version
  const git = `${version} (release ${release.release})`
  if (isWithdrawn(release, view)) {
    const finding = driftedPrompt(id, 'stable', { has: stable, git, isWithdrawn: true })
    return { finding, wanted: null }
  }
  const counts = named?.identity === release.identity && named.status !== 'draft'
  return {
    finding: driftedPrompt(id, 'stable', { has: stable, git }),
    wanted: counts ? { version, identity: release.identity, release: release.release } : null,
  }
}

/** A version that was rolled back or revoked is never restored automatically. */
function isWithdrawn(version: DesiredVersion, view: PromptView): boolean {
  return view.line.rolledBack.includes(version.payloadSha256) || view.isRevoked(version)
}

function latestDrift(
  row: PromptRow,
  view: PromptView,
  draft: DesiredVersion | undefined,
): Differing<NonNullable<HealChange['latest']>> | null {
  const { prompt_id: id, latest, latest_by, latest_identity, archived } = row
  if (draft === undefined || latest_by !== 'person' || latest_identity === draft.identity) return null
  // A new or archived prompt gets a push, which makes the version the latest.
  if (archived || view.version(draft.identity) === undefined || view.isRevoked(draft)) return null
  const version = view.nameOf(draft)
  return {
    finding: driftedPrompt(id, 'latest', { has: latest, git: version }),
    wanted: { version, identity: draft.identity },
  }
}
