import { RegistryError } from '../../api/contract/errors.ts'
import { compareFiles, type FileDigests, fileDigests } from '../../api/contract/file-changes.ts'
import type { Format } from '../../api/contract/reading/format.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { changeKey, type PlannedChange, type PromoteChange, type PushChange } from '../plan/changes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { type ChangeNote, changeNote } from '../prompts/change-note.ts'
import { readTexts } from '../prompts/read-texts.ts'
import { readSidecars, sidecarsOf } from '../prompts/sidecar-texts.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { unlessMissing } from '../source/source-error.ts'
import { textDiff } from '../values/text-diff.ts'
import { callOptions } from './pass-input.ts'

/** The unified diff hunks of each change, by `changeKey`; `null` if the texts differ too much for a readable diff. */
export type ChangeDiffs = ReadonlyMap<string, string | null>

/** How many changes get a diff. */
const MOST_DIFFS = 100

interface DiffsInput {
  readonly api: RegistryApi
  readonly snapshot: GitSnapshot
  readonly signal?: AbortSignal | undefined
}

/** What changes mean for callers, by `changeKey`. */
export type ChangeNotes = ReadonlyMap<string, ChangeNote>

/** The diffs of what agents will get: of the latest version for a push, of the stable one for a promotion. */
export async function changeDiffs(
  plan: Plan,
  input: DiffsInput,
): Promise<{ readonly diffs: ChangeDiffs; readonly notes: ChangeNotes }> {
  const diffs = new Map<string, string | null>()
  const notes = new Map<string, ChangeNote>()
  const add = (change: PlannedChange, [before, after]: readonly [Side, Side]) => {
    const isReadable = before !== UNREADABLE && after !== UNREADABLE
    diffs.set(changeKey(change), isReadable ? textDiff(before?.text ?? null, after?.text ?? null) : '')
    if (isReadable && before !== null && after !== null) notes.set(changeKey(change), noteOf(before, after))
  }
  const changes = changesOf(plan)
  const pushes = changes.filter((change) => change.do === 'push')
  for (const change of changes) {
    if (diffs.size === MOST_DIFFS) break
    if (change.do === 'push' && change.latest) add(change, await pushSides(change, input))
    if (change.do === 'promote' && change.swaps) add(change, await promotionSides(change, pushes, input))
  }
  return { diffs, notes }
}

async function pushSides(push: PushChange, input: DiffsInput): Promise<[Side, Side]> {
  return await Promise.all([versionSide(push.id, push.from, 'dev', input), pushedSide(push, input)])
}

async function promotionSides(
  { id, version, identity, from }: PromoteChange,
  pushes: readonly PushChange[],
  input: DiffsInput,
): Promise<[Side, Side]> {
  const pushed = pushes.find((push) => push.id === id && push.identity === identity)
  const after = pushed === undefined ? versionSide(id, version, 'dev', input) : pushedSide(pushed, input)
  return await Promise.all([versionSide(id, from, undefined, input), after])
}

function noteOf(before: SideText, after: SideText): ChangeNote {
  const { path, format } = after
  const files = compareFiles(before.files, after.files)
  return changeNote(before.text, after.text, { path, frontMatter: format !== 'text', files })
}

/** Content that cannot be read, such as a draft hidden from readers. Its diff is left out; the plan is shown. */
const UNREADABLE = Symbol('unreadable')
interface SideText {
  readonly text: string
  readonly path: string
  readonly format: Format
  readonly files: FileDigests
}
type Side = SideText | null | typeof UNREADABLE

async function pushedSide(push: PushChange, input: DiffsInput): Promise<Side> {
  const beside = await unlessMissing(readSidecars(input.snapshot, [push]))
  return await blobSide(push, fileDigests(beside && sidecarsOf(push, beside), push.files), input)
}

async function blobSide(
  { blob, path, format }: { readonly blob: Oid; readonly path: string; readonly format: Format },
  files: FileDigests,
  { snapshot }: DiffsInput,
): Promise<Side> {
  const texts = await unlessMissing(readTexts(snapshot, [blob]))
  const text = texts?.get(blob)
  return text === undefined ? UNREADABLE : { text, path, format, files }
}

/** Whether the text is that of the version's file. If each key of a file is a prompt, it is not. */
function isFileOf(text: string, content: string, format: Format): boolean {
  return text === content || (format !== 'text' && text.endsWith(content))
}

/** A version's whole file if git still has it, otherwise its content; `null` if there is no version. */
async function versionSide(
  id: string,
  name: string | null,
  mode: string | undefined,
  input: DiffsInput,
): Promise<Side> {
  if (name === null) return null
  const { api, signal } = input
  try {
    const query = { version: name, include: 'file', ...(mode !== undefined && { mode }) }
    const { origin, content, format, sidecars, files } = await api.resolve(id, query, callOptions(signal))
    const path = origin?.path ?? id
    const digests = fileDigests(sidecars, files)
    const file =
      origin?.blob === undefined
        ? UNREADABLE
        : await blobSide({ blob: origin.blob, path, format }, digests, input)
    const isWhole = file !== null && file !== UNREADABLE && isFileOf(file.text, content, format)
    return isWhole ? file : { text: content, path, format, files: digests }
  } catch (error) {
    if (error instanceof RegistryError && error.code !== 'unavailable' && error.code !== 'busy')
      return UNREADABLE
    throw error
  }
}
