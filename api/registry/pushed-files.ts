import { RegistryError } from '../contract/errors.ts'
import {
  type FolderFile,
  folderPathProblem,
  folderSizeProblem,
  type ManifestDigest,
  manifestText,
  SKILL_FILE,
} from '../contract/folder-files.ts'
import type { PushRequest } from '../contract/registry-api.ts'
import { sha256 } from '../contract/version.ts'
import type { StoredFile } from '../store/atomic-change.ts'

/** The other files of a pushed skill folder. */
export interface PushedFiles {
  /** By path. */
  readonly files: readonly FolderFile[]
  readonly manifest: ManifestDigest
  /** Each once, with the manifest itself. */
  readonly stored: readonly StoredFile[]
}

/** `null` if there are none. Throws `invalid_request`, `too_large`. */
export function pushedFiles({ files, sidecars }: PushRequest): PushedFiles | null {
  if (files === undefined || files.length === 0) return null
  const names = [SKILL_FILE, ...Object.keys(sidecars?.texts ?? {})]
  if (sidecars !== undefined && sidecars.main !== SKILL_FILE) refuse(`sidecars.main: must be ${SKILL_FILE}`)
  for (const file of files) {
    const problem = folderPathProblem(file.path) ?? textProblem(file)
    if (problem !== undefined) refuse(`files: ${JSON.stringify(file.path)}: ${problem}`)
    if (names.includes(file.path)) refuse(`files: ${JSON.stringify(file.path)} is there twice`)
    names.push(file.path)
  }
  const tooMuch = folderSizeProblem(files)
  if (tooMuch !== undefined) throw new RegistryError('too_large', `files: ${tooMuch}`)
  return withManifest(files)
}

type PushedFile = NonNullable<PushRequest['files']>[number]

function withManifest(pushed: readonly PushedFile[]): PushedFiles {
  const sorted = pushed.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const files = sorted.map(({ path, bytes, sha256, text }): FolderFile => {
    return { path, bytes, sha256, ...(text === undefined && { binary: true }) }
  })
  const text = manifestText(files)
  const own = { sha256: sha256(text), text }
  const texts = new Map<string, string>()
  for (const one of [own, ...pushed]) if (one.text !== undefined) texts.set(one.sha256, one.text)
  return {
    files,
    manifest: {
      sha256: own.sha256,
      count: files.length,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    },
    stored: [...texts].map(([sha256, text]) => ({ sha256, text })),
  }
}

function textProblem({ bytes, sha256: digest, text }: PushedFile): string | undefined {
  if (text === undefined) return undefined
  if (Buffer.byteLength(text) !== bytes) return 'bytes is not the size of its text'
  return sha256(text) === digest ? undefined : 'sha256 is not the digest of its text'
}

function refuse(problem: string): never {
  throw new RegistryError('invalid_request', `${problem}.`)
}
