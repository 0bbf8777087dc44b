import { hash } from 'node:crypto'
import { LIMITS } from '../../api/contract/limits.ts'
import { declaredInputs } from '../../api/contract/reading/declared-inputs.ts'
import {
  type FileProblem,
  type Format,
  isFileProblem,
  type Notice,
  type PromptFile as ParsedFile,
  readPromptFile,
} from '../../api/contract/reading/index.ts'
import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import type { TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import { filesSha256, payloadSha256, type Sidecars, sha256 } from '../../api/contract/version.ts'
import type { BlobContent } from './file-blobs.ts'
import type { FileToRead } from './file-to-read.ts'
import { type FolderBlobs, type ReadFolderFile, readFolder, unsafeInFolder } from './folder-blobs.ts'
import { type InputFlaw, inputFlaws } from './input-flaws.ts'
import type { SecretDetector } from './secret-detector.ts'
import { problemBeside, type SidecarTexts, sidecarsOf } from './sidecar-texts.ts'
import { wholeOf } from './split-text.ts'
import { findUnsafeText, type UnsafeText } from './text-safety.ts'

/** The facts about a file that a plan needs, without its content. */
export interface FileFacts {
  /** `filesSha256` of the file and the files that belong to it. */
  readonly filesSha256: string
  /** The same without the files of its skill folder; `null` if there are none. */
  readonly aloneSha256: string | null
  /** The other files of its skill folder; `null` if there are none. */
  readonly files: readonly ReadFolderFile[] | null
  readonly contentSha256: string
  readonly payloadSha256: string
  readonly contentStart: number
  readonly format: Format
  readonly templateLanguage: TemplateLanguage | null
  readonly description: string | null
  readonly tags: readonly string[]
  readonly inputs: readonly PromptInput[]
  readonly notices: readonly Notice[]
  readonly flaws: readonly InputFlaw[]
  readonly unsafe: readonly UnsafeText[]
}

/** Facts about the files that belong to prompt files. */
export interface ReadBeside {
  readonly texts: SidecarTexts
  readonly folderBlobs: FolderBlobs
}

/** Reads a file; a `FileProblem` if it cannot become a version. */
export function factsOf(
  blob: BlobContent,
  file: FileToRead,
  { texts, folderBlobs }: ReadBeside,
  detectSecrets: SecretDetector,
): FileFacts | FileProblem {
  const problem = problemBeside(file, texts)
  if (problem !== undefined) return problem
  const sidecars = sidecarsOf(file, texts)
  const files = readFolder(file.folder, folderBlobs)
  if (files !== null && isFileProblem(files)) return files
  const read = readFileBlob(blob, file, sidecars)
  if (isFileProblem(read)) return read
  const { content, variables, config, format, templateLanguage, description, tags, notices } = read
  const contentSha256 = sha256(content)
  const fileSha256 = fileHash(blob, read, contentSha256)
  return {
    filesSha256: filesSha256(fileSha256, { sidecars, files }),
    aloneSha256: files && filesSha256(fileSha256, { sidecars, files: null }),
    files,
    contentSha256,
    payloadSha256: payloadSha256({ content, variables, config, templateLanguage, files }, contentSha256),
    contentStart: read.frontMatter.length,
    ...{ format, templateLanguage, description, tags, notices },
    inputs: copied(declaredInputs(read)),
    flaws: copied(inputFlaws(read)),
    unsafe: [
      ...unsafeInFile(read, detectSecrets),
      ...unsafeBeside(sidecars, detectSecrets),
      ...unsafeInFolder(files ?? [], folderBlobs),
    ],
  }
}

/** A file without front matter is its content. */
function fileHash(blob: BlobContent, { frontMatter }: ParsedFile, contentSha256: string): string {
  if (frontMatter === '') return contentSha256
  return 'bytes' in blob ? hash('sha256', blob.bytes, 'hex') : ''
}

function readFileBlob(
  blob: BlobContent,
  { path, frontMatter, additions }: FileToRead,
  sidecars: Sidecars | null,
): ParsedFile | FileProblem {
  const { format, templateLanguage } = additions
  if ('bytes' in blob)
    return readPromptFile(blob.bytes, {
      // The name of a key is no file name, so its extension means nothing.
      ...(wholeOf(path).key === undefined ? { path } : { format: 'text' as const }),
      ...{ frontMatter, sidecars },
      ...(format !== undefined && { format }),
      ...(templateLanguage !== undefined && { templateLanguage }),
    })
  const message = `The file has ${blob.tooLarge} bytes; at most ${LIMITS.fileBytes} are allowed. Split it.`
  return { code: 'file_too_large', message }
}

/** A copy whose strings are not slices of the file's text, which they would keep in memory. */
function copied<T>(all: readonly T[]): readonly T[] {
  return all.length === 0 ? NONE : JSON.parse(JSON.stringify(all))
}

const NONE: readonly never[] = []

function unsafeInFile(read: ParsedFile, detectSecrets: SecretDetector): UnsafeText[] {
  const { frontMatter, content, description, tags, variables, config } = read
  const unsafe = findUnsafeText(frontMatter + content, detectSecrets)
  if (unsafe.length > 0 || !(frontMatter === '' ? content : frontMatter).includes('\\')) return unsafe
  // YAML can write any character as an escape, which only its values show.
  const values = [description ?? '', ...tags, JSON.stringify(variables), JSON.stringify(config)].join('\n')
  return findUnsafeText(values, detectSecrets).map(({ code, message }) => ({
    ...{ code, line: 1, column: 1 },
    message: message.replace('The text has', 'The front matter has, with characters written as escapes,'),
  }))
}

/** The places are those in the sidecar. */
function unsafeBeside(sidecars: Sidecars | null, detectSecrets: SecretDetector): UnsafeText[] {
  return Object.entries(sidecars?.texts ?? {}).flatMap(([name, text]) =>
    findUnsafeText(text, detectSecrets).map(({ message, ...unsafe }) => ({
      ...unsafe,
      beside: name,
      message: `${message} Its sidecar ${name} has it.`,
    })),
  )
}
