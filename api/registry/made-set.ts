import { RegistryError } from '../contract/errors.ts'
import { statusOf } from '../contract/release-line.ts'
import type { ReleaseSet } from '../contract/release-set.ts'
import type { OperationContext } from './operation-context.ts'
import type { SourcePrompt } from './rolled-back-set.ts'

/** How many prompts are read at once. */
const READS_AT_ONCE = 32
/** How many prompts an error names. */
const MOST_NAMES = 10

export interface MadeSetInput {
  readonly source: string
  readonly release: string
  /** The identity of each prompt at the release. */
  readonly members: Readonly<Record<string, string>>
  /** All prompts of the source. */
  readonly served: readonly SourcePrompt[]
}

type MemberFlaw = 'missing' | 'draft' | 'revoked'

/**
 * The set of a release that the registry does not have, from the versions that the release named. Each must have been
 * released: a set must not serve what no release did. Throws `not_released` and `revoked`, with the names of the prompts.
 */
export async function madeSet(
  { prompts }: Pick<OperationContext, 'prompts'>,
  { source, release, members, served }: MadeSetInput,
): Promise<ReleaseSet> {
  const stable = new Map(served.map(({ promptId, identity }) => [promptId, identity]))
  const others = Object.entries(members).filter(([id, identity]) => stable.get(id) !== identity)
  const flawOf = async ([id, identity]: readonly [string, string]): Promise<[string, MemberFlaw][]> => {
    const [snapshot, { byIdentity }] = await Promise.all([
      prompts.snapshot(id),
      prompts.find(id, { identities: [identity] }),
    ])
    const version = byIdentity.get(identity)
    if (version === undefined || snapshot === undefined) return [[id, 'missing']]
    const status = statusOf(version, snapshot.head.highest?.release ?? null)
    return status === 'draft' || status === 'revoked' ? [[id, status]] : []
  }
  const flaws: [string, MemberFlaw][] = []
  for (let from = 0; from < others.length; from += READS_AT_ONCE)
    flaws.push(...(await Promise.all(others.slice(from, from + READS_AT_ONCE).map(flawOf))).flat())
  const idsWith = (flaw: MemberFlaw) => flaws.filter(([, one]) => one === flaw).map(([id]) => id)
  for (const flaw of ['revoked', 'missing', 'draft'] as const) {
    const ids = idsWith(flaw)
    if (ids.length > 0) throw cannotMake(release, flaw, ids)
  }
  return { source, members }
}

const SENTENCES: Readonly<Record<MemberFlaw, readonly [string, string]>> = {
  revoked: ['were revoked', 'Roll back the other prompts one by one, or release without these versions'],
  missing: [
    'are not in the registry',
    'Raise the "backfill" of the source and run a full sync, or name a later tag',
  ],
  draft: ['were never released', 'Name a tag whose versions were'],
}

function cannotMake(release: string, flaw: MemberFlaw, ids: readonly string[]): RegistryError {
  const [what, next] = SENTENCES[flaw]
  const shown = ids.slice(0, MOST_NAMES).map((id) => `"${id}"`)
  const more = ids.length > MOST_NAMES ? ` and ${ids.length - MOST_NAMES} more` : ''
  return new RegistryError(
    flaw === 'revoked' ? 'revoked' : 'not_released',
    `The set of ${release} is not stored, and cannot be made: its versions of ${shown.join(', ')}${more} ${what}. ${next}.`,
    { details: { release, prompt_ids: ids.slice(0, MOST_NAMES) } },
  )
}
