import { LIMITS } from '../../api/contract/limits.ts'
import { decodeFile, type FileProblem, isFileProblem } from '../../api/contract/reading/index.ts'
import type { Sidecars } from '../../api/contract/version.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import type { TreePromptFile } from './tree.ts'

/** By blob, the text of a sidecar, or why it has none. */
export type SidecarTexts = ReadonlyMap<Oid, string | FileProblem>

type WithSidecars = Pick<TreePromptFile, 'path' | 'sidecars'>

/** Reads the sidecars of files. Throws `object_missing` if a blob is gone. */
export async function readSidecars(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  files: readonly WithSidecars[],
): Promise<SidecarTexts> {
  const texts = new Map<Oid, string | FileProblem>()
  const oids = new Set(files.flatMap(({ sidecars = [] }) => sidecars.map(({ blob }) => blob)))
  if (oids.size === 0) return texts
  for await (const blob of snapshot.blobs(oids, LIMITS.configBytes))
    texts.set(blob.oid, 'bytes' in blob ? decodeFile(blob.bytes) : tooLarge(blob.tooLarge))
  return texts
}

function tooLarge(bytes: number): FileProblem {
  const message = `It has ${bytes} bytes; at most ${LIMITS.configBytes} are allowed. Shorten it.`
  return { code: 'sidecar_invalid', message }
}

/** Why a sidecar of a file cannot be read; `undefined` if all can. */
export function problemBeside({ sidecars = [] }: WithSidecars, texts: SidecarTexts): FileProblem | undefined {
  for (const { name, blob } of sidecars) {
    const text = texts.get(blob)
    if (text !== undefined && isFileProblem(text))
      return { code: 'sidecar_invalid', message: `Its sidecar ${name} cannot be read. ${text.message}` }
  }
  return undefined
}

/** The sidecars of a file; `null` if it has none. */
export function sidecarsOf({ path, sidecars = [] }: WithSidecars, texts: SidecarTexts): Sidecars | null {
  const known = sidecars.flatMap(({ name, blob }) => {
    const text = texts.get(blob)
    return typeof text === 'string' ? [[name, text] as const] : []
  })
  if (known.length === 0) return null
  return { main: path.slice(path.lastIndexOf('/') + 1), texts: Object.fromEntries(known) }
}
