import { RegistryError } from '../contract/errors.ts'
import { type Mode, seesDrafts } from '../contract/mode.ts'
import type { ResolveManyRequest } from '../contract/registry-api.ts'
import { memberOf, type ReleaseSet } from '../contract/release-set.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import type { SetPointer } from '../store/set-records.ts'
import { refuseRevokedVersion } from './guards.ts'
import type { OperationContext } from './operation-context.ts'

/** The version that a set has of a prompt. */
export interface ServedMember {
  readonly version: VersionRecord
  readonly set: string
}

/** The sets that answer the references without a pin of one request. */
export interface ServedSets {
  /** The request names the set, so its answers never change. */
  readonly areNamed: boolean
  /**
   * `null` if no set decides, so that the stable version is served. Throws `not_in_set`, `revoked`, and `unavailable` if
   * the store lost a set or a version.
   */
  memberOf(snapshot: Snapshot): Promise<ServedMember | null>
  /** Whether a later look would find another set. */
  haveMoved(): Promise<boolean>
}

interface KnownSet {
  readonly digest: string
  readonly set: ReleaseSet
}

type SetContext = Pick<OperationContext, 'prompts' | 'sets' | 'knownSets'>

/** `null` if no set decides in this mode. Throws `no_set` if the registry does not have the named one. */
export async function setsFor(
  context: SetContext,
  { set, sets = true }: Pick<ResolveManyRequest, 'set' | 'sets'>,
  mode: Mode,
): Promise<ServedSets | null> {
  if (seesDrafts(mode)) return null
  if (set !== undefined) return await namedSet(context, set)
  return sets ? currentSets(context) : null
}

/** The set that the request names. Throws `no_set` if the registry does not have it. */
async function namedSet(context: SetContext, digest: string): Promise<ServedSets> {
  const set = await context.knownSets.get(context.sets, digest)
  if (set === undefined) throw noSuchSet(digest)
  return {
    areNamed: true,
    async memberOf({ head, stable }) {
      const identity = memberOf(set, head.promptId)
      if (identity === undefined) throw notInSet(head.promptId, `the set ${digest.slice(0, 12)}`)
      return { version: await versionOf(context, head.promptId, identity, stable), set: digest }
    },
    haveMoved: async () => false,
  }
}

/** The current set of each prompt's source. Reads the pointer of a source once, so that answers never mix two sets. */
function currentSets(context: SetContext): ServedSets {
  const pointers = new Map<string, ReturnType<SetContext['sets']['pointer']>>()
  const pointerOf = (source: string) => {
    const reading = pointers.get(source) ?? context.sets.pointer(source)
    pointers.set(source, reading)
    return reading
  }
  const current = async (source: string | null): Promise<KnownSet | null> => {
    const digest = source === null ? null : ((await pointerOf(source))?.move.set ?? null)
    return digest === null ? null : { digest, set: await existing(context, digest) }
  }
  return {
    areNamed: false,
    async memberOf({ head, stable }) {
      const found = await current(head.owner)
      if (found === null) return null
      const { digest, set } = found
      const identity = memberOf(set, head.promptId)
      if (identity !== undefined)
        return { version: await versionOf(context, head.promptId, identity, stable), set: digest }
      // The prompt itself knows why it serves nothing.
      if (stable === null) return null
      throw notInSet(head.promptId, `the set that its source "${head.owner}" serves now`)
    },
    async haveMoved() {
      const looks = [...pointers].map(async ([source, reading]) => {
        const [before, now] = [await reading, await context.sets.pointer(source)]
        return sequenceOf(before) !== sequenceOf(now)
      })
      return (await Promise.all(looks)).includes(true)
    },
  }
}

function sequenceOf(pointer: SetPointer | undefined): number {
  return pointer?.move.sequence ?? 0
}

async function versionOf(
  { prompts }: SetContext,
  id: string,
  identity: string,
  stable: VersionRecord | null,
): Promise<VersionRecord> {
  if (stable?.identity === identity) return stable
  const version = (await prompts.find(id, { identities: [identity] })).byIdentity.get(identity)
  if (version === undefined) {
    throw new RegistryError(
      'unavailable',
      `The registry lost the version ${identity.slice(0, 12)} of "${id}", which a set has; restore it from a backup.`,
      { details: { prompt_id: id, identity } },
    )
  }
  refuseRevokedVersion(id, version)
  return version
}

/** The set that a pointer names. Throws `unavailable` if the store lost it. */
async function existing({ sets, knownSets }: SetContext, digest: string): Promise<ReleaseSet> {
  const set = await knownSets.get(sets, digest)
  if (set !== undefined) return set
  throw new RegistryError(
    'unavailable',
    `The registry lost the set ${digest.slice(0, 12)}, which a source serves; run a full pass of the source, or restore the set.`,
    { details: { set: digest } },
  )
}

/** `no_set`. */
export function noSetYet(source: string): RegistryError {
  return new RegistryError(
    'no_set',
    `The source "${source}" has no set yet: its first complete pass makes one. Until then, its prompts serve their stable versions.`,
    { details: { source } },
  )
}

/** `no_set`. */
export function noSuchSet(digest: string): RegistryError {
  return new RegistryError(
    'no_set',
    `The registry has no set ${digest.slice(0, 12)}; read the current set of the source, or list its sets.`,
    { details: { set: digest } },
  )
}

function notInSet(promptId: string, set: string): RegistryError {
  return new RegistryError(
    'not_in_set',
    `The prompt "${promptId}" is not in ${set}; read it with "sets": false to get its stable version.`,
    { details: { prompt_id: promptId } },
  )
}
