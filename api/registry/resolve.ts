import { RegistryError } from '../contract/errors.ts'
import { type Mode, seesDrafts } from '../contract/mode.ts'
import type { Reference } from '../contract/reference.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import type { RegistrySettings } from './context.ts'

/**
 * The version that a reader gets: the table of modes. `pinned` is what the reference's pin names, `undefined` where
 * it has none or names nothing. Throws `not_found`, `not_released`, `revoked`.
 */
export function chooseVersion(
  reference: Reference,
  snapshot: Snapshot | undefined,
  pinned: VersionRecord | undefined,
  mode: Mode,
  settings: Pick<RegistrySettings, 'deprecatedPins'>,
): VersionRecord {
  const { id, pin } = reference
  if (snapshot === undefined || snapshot.head.promptId !== id) {
    throw notFound(`There is no prompt "${id}"; check the id, or list the prompts.`, reference)
  }
  if (pin === undefined) return unpinned(snapshot, mode)
  if (pinned === undefined) {
    throw notFound(
      `The prompt "${id}" has no version "${pin}"; list its versions to see what there is.`,
      reference,
    )
  }
  return servedPin(reference, pinned, mode, settings)
}

function unpinned(snapshot: Snapshot, mode: Mode): VersionRecord {
  const { head, stable, latest } = snapshot
  if (seesDrafts(mode) && latest !== null && latest.status !== 'revoked') return latest
  if (stable !== null) return stable
  if (head.withdrawn !== null) {
    throw new RegistryError(
      'revoked',
      `The stable version ${head.withdrawn} of "${head.promptId}" was revoked and nothing replaced it yet; promote another version.`,
      {
        details: { prompt_id: head.promptId, version: head.withdrawn },
      },
    )
  }
  if (seesDrafts(mode) && latest !== null) throw revoked(head.promptId, latest)
  if (head.retired !== undefined) {
    throw new RegistryError(
      'not_released',
      `The prompt "${head.promptId}" was retired: release ${head.retired} no longer has it. Pin a former release, or use another prompt.`,
      { details: { prompt_id: head.promptId, retired: head.retired } },
    )
  }
  throw new RegistryError(
    'not_released',
    `The prompt "${head.promptId}" has no release yet; release it, or ask in mode dev to see drafts.`,
    {
      details: { prompt_id: head.promptId },
    },
  )
}

function servedPin(
  { id, pin }: Reference,
  version: VersionRecord,
  mode: Mode,
  { deprecatedPins }: Pick<RegistrySettings, 'deprecatedPins'>,
): VersionRecord {
  switch (version.status) {
    case 'stable':
      return version
    case 'revoked':
      throw revoked(id, version)
    case 'draft':
      if (seesDrafts(mode)) return version
      throw new RegistryError(
        'not_released',
        `Version "${pin}" of "${id}" is a draft, which mode ${mode} does not see; release it first.`,
        {
          details: { prompt_id: id, version: version.label },
        },
      )
    case 'deprecated':
      if (seesDrafts(mode) || deprecatedPins === 'serve') return version
      throw new RegistryError(
        'not_released',
        `Version "${pin}" of "${id}" is no longer the stable one, and this registry serves no former releases; pin another, or none.`,
        {
          details: { prompt_id: id, version: version.label },
        },
      )
    default:
      return version.status satisfies never
  }
}

function revoked(id: string, version: VersionRecord): RegistryError {
  return new RegistryError(
    'revoked',
    `Version ${version.label} of "${id}" was revoked and is never served again; pin another, or none.`,
    {
      details: { prompt_id: id, version: version.label },
    },
  )
}

function notFound(sentence: string, { id, pin }: Reference): RegistryError {
  return new RegistryError('not_found', sentence, {
    details: { prompt_id: id, ...(pin !== undefined && { version: pin }) },
  })
}
