import { createHash } from 'node:crypto'
import { type FolderFile, folderSizeProblem } from '../../api/contract/folder-files.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import { decodeFile, type FileProblem, isFileProblem } from '../../api/contract/reading/index.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import type { BlobContent } from './file-blobs.ts'
import type { SecretDetector } from './secret-detector.ts'
import { findUnsafeText, type UnsafeText } from './text-safety.ts'
import type { SkillFolder } from './tree.ts'

/** The facts about a file of a skill folder that a plan needs, without its content. */
export interface FolderBlob extends Omit<FolderFile, 'path'> {
  /** Bytes of the text in a request. */
  readonly jsonBytes: number
  readonly unsafe: readonly UnsafeText[]
  /** Why it cannot be kept. */
  readonly problem?: FileProblem
}

export type FolderBlobs = Map<Oid, FolderBlob>

/** A file of a skill folder, and its blob. */
export interface ReadFolderFile extends FolderFile {
  readonly blob: Oid
}

/** Leaves room in a request for the prompt file and the manifest. */
const MOST_JSON_BYTES = 1.25 * 1024 * 1024

/** Reads the files of skill folders that are not known. Throws `object_missing` if a blob is gone. */
export async function readFolderBlobs(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  folders: readonly SkillFolder[],
  known: FolderBlobs,
  detectSecrets: SecretDetector,
): Promise<void> {
  const all = folders.flatMap(({ files }) => files.map(({ blob }) => blob))
  const wanted = new Set(all.filter((oid) => !known.has(oid)))
  if (wanted.size === 0) return
  for await (const blob of snapshot.blobs(wanted, LIMITS.folderBytes))
    known.set(blob.oid, factsOf(blob, detectSecrets))
}

function factsOf(blob: BlobContent, detectSecrets: SecretDetector): FolderBlob {
  if ('tooLarge' in blob) return { bytes: blob.tooLarge, sha256: '', jsonBytes: 0, unsafe: [] }
  const bytes = blob.bytes.length
  const sha256 = createHash('sha256').update(blob.bytes).digest('hex')
  const text = folderText(blob.bytes)
  if (text === null) return { bytes, sha256, binary: true, jsonBytes: 0, unsafe: [] }
  if (typeof text !== 'string') return { bytes, sha256, jsonBytes: 0, unsafe: [], problem: text }
  const jsonBytes = Buffer.byteLength(JSON.stringify(text))
  return { bytes, sha256, jsonBytes, unsafe: findUnsafeText(text, detectSecrets) }
}

/** The text of a file; `null` if it is binary. */
export function folderText(bytes: Uint8Array): string | FileProblem | null {
  const text = decodeFile(bytes, LIMITS.folderBytes)
  return isFileProblem(text) && BINARY.includes(text.code) ? null : text
}

const BINARY: readonly FileProblem['code'][] = ['not_utf8', 'nul_character']

/** The files of a folder that was read, or why it cannot be kept; `null` without a folder. */
export function readFolder(
  folder: SkillFolder | undefined,
  known: ReadonlyMap<Oid, FolderBlob>,
): readonly ReadFolderFile[] | FileProblem | null {
  if (folder === undefined) return null
  const blobs = folder.files.flatMap(({ path, blob }) => {
    const facts = known.get(blob)
    return facts === undefined ? [] : [{ path, blob, facts }]
  })
  const problem = problemOf(blobs)
  if (problem !== undefined) return { code: 'folder_invalid', message: problem }
  return blobs.map(({ path, blob, facts: { bytes, sha256, binary } }) => {
    return { path, bytes, sha256, ...(binary && { binary }), blob }
  })
}

function problemOf(
  blobs: readonly { readonly path: string; readonly facts: FolderBlob }[],
): string | undefined {
  const advice = 'Exclude some of them, or move them out of the folder.'
  const tooMuch = folderSizeProblem(blobs.map(({ facts }) => facts))
  if (tooMuch !== undefined) return `${tooMuch} ${advice}`
  const odd = blobs.find(({ facts }) => facts.problem !== undefined)
  if (odd !== undefined) return `${odd.path} in its folder cannot be kept. ${odd.facts.problem?.message}`
  const bytes = blobs.reduce((sum, { facts }) => sum + facts.jsonBytes, 0)
  return bytes > MOST_JSON_BYTES
    ? `The other files of the folder have ${bytes} bytes together as JSON strings; at most ${MOST_JSON_BYTES} are allowed. ${advice}`
    : undefined
}

/** Unsafe text in the files of a folder. The places are those in the file. */
export function unsafeInFolder(
  files: readonly ReadFolderFile[],
  known: ReadonlyMap<Oid, FolderBlob>,
): UnsafeText[] {
  return files.flatMap(({ path, blob }) =>
    (known.get(blob)?.unsafe ?? []).map(({ message, ...unsafe }) => ({
      ...unsafe,
      beside: path,
      message: `${message} The file ${path} of its folder has it.`,
    })),
  )
}
