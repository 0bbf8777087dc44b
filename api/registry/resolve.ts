import { RegistryError } from '../contract/errors.ts'
import { type Mode, seesDrafts } from '../contract/mode.ts'
import type { Reference } from '../contract/reference.ts'
import { statusOf } from '../contract/release-line.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import type { RegistrySettings } from './context.ts'
import { refuseDeleted } from './guards.ts'
import { isRolledBack } from './head-changes.ts'

type ResolveSettings = Pick<RegistrySettings, 'deprecatedPins'>

/**
 * The version that a reader gets in a mode. `pinned` is the version of the reference's pin; `undefined` if there
 * is no pin or no such version. Throws `not_found`, `gone`, `not_released`, `revoked`.
 */
export function chooseVersion(
  reference: Reference,
  snapshot: Snapshot | undefined,
  pinned: VersionRecord | undefined,
  mode: Mode,
  settings: ResolveSettings,
): VersionRecord {
  const { id, pin } = reference
  if (snapshot === undefined || snapshot.head.promptId !== id) {
    throw notFound(`Prompt "${id}" was not found; check the id, or list the prompts.`, reference)
  }
  refuseDeleted(snapshot.head)
  if (pin === undefined) return unpinned(snapshot, mode)
  if (pinned === undefined) {
    throw notFound(
      `The prompt "${id}" has no version "${pin}"; list its versions to see its names.`,
      reference,
    )
  }
  return servedPin(reference, snapshot.head, pinned, mode, settings)
}

/** Readers of drafts must not get what somebody rolled back from. */
function unpinned({ head, stable, latest }: Snapshot, mode: Mode): VersionRecord {
  if (seesDrafts(mode) && latest !== null && latest.status !== 'revoked' && !isRolledBack(head, latest))
    return latest
  if (stable !== null) return stable
  if (head.withdrawn !== null) {
    throw new RegistryError(
      'revoked',
      `The stable version ${head.withdrawn} of "${head.promptId}" was revoked and not replaced yet; promote another version.`,
      { details: { prompt_id: head.promptId, version: head.withdrawn } },
    )
  }
  if (seesDrafts(mode) && latest !== null) throw revoked(head.promptId, latest)
  if (head.retired !== undefined) {
    throw new RegistryError(
      'not_released',
      `The prompt "${head.promptId}" was retired: release ${head.retired} no longer has it. Pin an earlier release, or use another prompt.`,
      { details: { prompt_id: head.promptId, retired: head.retired } },
    )
  }
  throw new RegistryError(
    'not_released',
    `The prompt "${head.promptId}" has no release yet; release it, or use mode dev to see drafts.`,
    { details: { prompt_id: head.promptId, never: true } },
  )
}

function servedPin(
  { id, pin }: Reference,
  { highest }: Head,
  version: VersionRecord,
  mode: Mode,
  { deprecatedPins }: ResolveSettings,
): VersionRecord {
  const status = statusOf(version, highest?.release ?? null)
  switch (status) {
    case 'stable':
      return version
    case 'revoked':
      throw revoked(id, version)
    case 'draft':
      if (seesDrafts(mode)) return version
      throw new RegistryError(
        'not_released',
        `Version "${pin}" of "${id}" is a draft, which mode ${mode} does not serve; release it first.`,
        // Not its label, which is a hash of its file.
        { details: { prompt_id: id, version: pin } },
      )
    case 'deprecated':
      if (seesDrafts(mode) || deprecatedPins === 'serve') return version
      throw new RegistryError(
        'not_released',
        `Version "${pin}" of "${id}" is no longer stable, and this registry does not serve earlier releases; pin another version, or none.`,
        { details: { prompt_id: id, version: version.version } },
      )
    default:
      return status satisfies never
  }
}

function revoked(id: string, version: VersionRecord): RegistryError {
  return new RegistryError(
    'revoked',
    `Version ${version.version} of "${id}" was revoked and is never served again; pin another version, or none.`,
    { details: { prompt_id: id, version: version.version } },
  )
}

function notFound(sentence: string, { id, pin }: Reference): RegistryError {
  return new RegistryError('not_found', sentence, {
    details: { prompt_id: id, ...(pin !== undefined && { version: pin }) },
  })
}
