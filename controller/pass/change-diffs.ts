import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { PlannedChange, PromoteChange, PushChange } from '../plan/changes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { unlessMissing } from '../prompts/layout.ts'
import { readTexts } from '../prompts/read-texts.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { textDiff } from '../values/text-diff.ts'
import { callOptions } from './pass-input.ts'

/** The unified diff hunks of each change; `null` if the texts differ too much for a readable diff. */
export type ChangeDiffs = ReadonlyMap<PlannedChange, string | null>

/** How many changes get a diff. */
const MOST_DIFFS = 100

interface DiffsInput {
  readonly api: RegistryApi
  readonly snapshot: GitSnapshot
  readonly signal?: AbortSignal | undefined
}

/** The diffs of what agents will get: of the latest version for a push, of the stable one for a promotion. */
export async function changeDiffs(plan: Plan, input: DiffsInput): Promise<ChangeDiffs> {
  const diffs = new Map<PlannedChange, string | null>()
  const pushes = changesOf(plan).filter((change) => change.do === 'push')
  for (const change of changesOf(plan)) {
    if (diffs.size === MOST_DIFFS) break
    if (change.do === 'push' && change.latest) diffs.set(change, await pushDiff(change, input))
    if (change.do === 'promote' && change.swaps) diffs.set(change, await promotionDiff(change, pushes, input))
  }
  return diffs
}

async function pushDiff({ id, blob, from }: PushChange, input: DiffsInput): Promise<string | null> {
  return await diffOf(versionText(id, from, 'dev', input), blobText(blob, input))
}

async function promotionDiff(
  { id, version, identity, from }: PromoteChange,
  pushes: readonly PushChange[],
  input: DiffsInput,
): Promise<string | null> {
  const pushed = pushes.find((push) => push.id === id && push.identity === identity)
  const after = pushed === undefined ? versionText(id, version, 'dev', input) : blobText(pushed.blob, input)
  return await diffOf(versionText(id, from, undefined, input), after)
}

async function diffOf(before: Promise<Text>, after: Promise<Text>): Promise<string | null> {
  const [old, now] = await Promise.all([before, after])
  return old === UNREADABLE || now === UNREADABLE ? '' : textDiff(old, now)
}

/** Content that cannot be read, such as a draft hidden from readers. Its diff is left out; the plan is shown. */
const UNREADABLE = Symbol('unreadable')
type Text = string | null | typeof UNREADABLE

async function blobText(blob: Oid, { snapshot }: DiffsInput): Promise<Text> {
  const texts = await unlessMissing(readTexts(snapshot, [blob]))
  return texts?.get(blob) ?? UNREADABLE
}

/** A version's whole file if git still has it, otherwise its content; `null` if there is no version. */
async function versionText(
  id: string,
  name: string | null,
  mode: string | undefined,
  input: DiffsInput,
): Promise<Text> {
  if (name === null) return null
  const { api, signal } = input
  try {
    const query = { version: name, ...(mode !== undefined && { mode }) }
    const version = await api.resolve(id, query, callOptions(signal))
    const blob = version.origin?.blob
    const file = blob === undefined ? UNREADABLE : await blobText(blob, input)
    return file === UNREADABLE ? version.content : file
  } catch (error) {
    if (error instanceof RegistryError && error.code !== 'unavailable' && error.code !== 'busy')
      return UNREADABLE
    throw error
  }
}
