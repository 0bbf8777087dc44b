import { RegistryError } from '../contract/errors.ts'
import type { Mode } from '../contract/mode.ts'
import { parseReference, type Reference, seededReferences } from '../contract/reference.ts'
import type { ResolveQuery } from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { Head, VersionRecord } from '../store/records.ts'
import { findVersion } from './find-prompt.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { chooseVersion } from './resolve.ts'
import type { ServedSets } from './served-sets.ts'

/** The version that a reference names. */
export interface ChosenVersion {
  readonly head: Head
  readonly version: VersionRecord
  /** The reference always answers with this version. */
  readonly isPinned: boolean
  /** The digest of the set that has the version; absent if none decided. */
  readonly set?: string
}

const NOT_AN_ID: readonly string[] = [
  'not_found',
  'invalid_prompt_id',
  'invalid_reference',
  'invalid_version',
]

/** The version of a reference, or of the seeded row with exactly this id, which may be outside of the grammar. */
export async function chosenVersion(
  context: OperationContext,
  text: string,
  mode: Mode,
  query: Pick<ResolveQuery, 'version'> = {},
  sets: ServedSets | null = null,
): Promise<ChosenVersion> {
  try {
    return await choose(context, withVersion(parseReference(text), query), mode, sets)
  } catch (error) {
    if (!(error instanceof RegistryError) || !NOT_AN_ID.includes(error.code)) throw error
    for (const reference of seededReferences(text)) {
      const snapshot = await context.prompts.snapshot(reference.id)
      if (snapshot?.head.promptId === reference.id)
        return await choose(context, withVersion(reference, query), mode, sets)
    }
    throw error
  }
}

/** The pin may be in the reference, in the query, or in both if they agree. */
function withVersion(reference: Reference, { version }: ResolveQuery): Reference {
  if (version === undefined) return reference
  const pin = parseVersionName(version)
  if (reference.pin === undefined || versionNameKey(reference.pin) === versionNameKey(pin))
    return { id: reference.id, pin }
  throw new RegistryError(
    'invalid_reference',
    `The reference pins version "${reference.pin}" and the query asks for "${version}"; name one of them.`,
  )
}

async function choose(
  { prompts, settings }: OperationContext,
  reference: Reference,
  mode: Mode,
  sets: ServedSets | null,
): Promise<ChosenVersion> {
  const { id, pin } = reference
  const [snapshot, pinned] = await Promise.all([
    prompts.snapshot(id),
    pin === undefined ? undefined : findVersion(prompts, id, pin),
  ])
  if (sets !== null && pin === undefined && snapshot !== undefined && isServed(snapshot.head, id)) {
    const member = await sets.memberOf(snapshot)
    if (member !== null) return { head: snapshot.head, ...member, isPinned: sets.areNamed }
  }
  const version = chooseVersion(reference, snapshot, pinned, mode, settings)
  return { head: existing(id, snapshot).head, version, isPinned: pin !== undefined }
}

function isServed({ promptId, deleted }: Head, id: string): boolean {
  return promptId === id && deleted === undefined
}
