import { LIMITS } from '../../api/contract/limits.ts'
import { formatOfName } from '../../api/contract/reading/format.ts'
import {
  decodeFile,
  effectiveAdditions,
  type FileProblem,
  type Format,
  isFileProblem,
  type Notice,
  type PromptFile as ParsedFile,
} from '../../api/contract/reading/index.ts'
import type { PromptInput } from '../../api/contract/reading/inputs.ts'
import { languageOfName, type TemplateLanguage } from '../../api/contract/reading/template-language.ts'
import { type Additions, fileIdentity, identityLabel } from '../../api/contract/version.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { PackedMap } from '../values/packed-list.ts'
import { type BlobContent, fileBlobs } from './file-blobs.ts'
import { type FileFacts, factsOf } from './file-facts.ts'
import type { FileToRead } from './file-to-read.ts'
import { type FolderBlobs, type ReadFolderFile, readFolderBlobs } from './folder-blobs.ts'
import type { InputFlaw } from './input-flaws.ts'
import { LAYOUT_FILE } from './repository-layout.ts'
import { type SecretDetector, secretDetector } from './secret-detector.ts'
import { readSidecars } from './sidecar-texts.ts'
import { findUnsafeText, type UnsafeText } from './text-safety.ts'
import type { SidecarFile } from './tree.ts'

/** A file at a commit as the version that it is. */
export interface DesiredVersion {
  readonly id: string
  readonly path: string
  readonly blob: Oid
  readonly commit: Oid
  readonly format: Format
  readonly templateLanguage: TemplateLanguage | null
  /** Where the content starts, in UTF-16 code units of the file's text. All before it is front matter. */
  readonly contentStart: number
  readonly additions: Additions | null
  readonly sidecars?: readonly SidecarFile[]
  /** The other files of its folder, if it is a SKILL.md with others. */
  readonly files?: readonly ReadFolderFile[]
  readonly identity: string
  /** The identity without the files of its folder; absent without them. */
  readonly aloneIdentity?: string
  readonly version: string
  readonly contentSha256: string
  readonly description: string | null
  readonly tags: readonly string[]
  /** Hash of the content, variables and config, which the model gets. */
  readonly payloadSha256: string
  /** The inputs that the file declares. */
  readonly inputs: readonly PromptInput[]
  /** Unsafe text in the file and in the additions of the layout. */
  readonly unsafe: readonly UnsafeText[]
}

/** By blob, whose names are those of the tree: few files are read in two ways. */
interface ReadInOneWay {
  readonly facts: PackedMap<FileFacts>
  /** Apart, because a pass asks each file of each release for its problem, and most have none. */
  readonly problems: Map<Oid, FileProblem>
}

/** The files that were read, each once per way of reading it. */
export class FileReadings {
  /** By way of reading. */
  readonly #read = new Map<string, ReadInOneWay>()
  readonly #folderBlobs: FolderBlobs = new Map()
  #detectSecrets: SecretDetector = () => []

  /** Reads the files that were not read before. Throws `object_missing` if a blob is gone. */
  async add(snapshot: Pick<GitSnapshot, 'blobs'>, files: readonly FileToRead[]): Promise<void> {
    const wanted = Map.groupBy(
      files.filter((file) => !this.has(file)),
      ({ blob }) => blob,
    )
    if (wanted.size === 0) return
    this.#detectSecrets = await secretDetector()
    const all = [...wanted.values()].flat()
    const folders = all.flatMap(({ folder }) => folder ?? [])
    await readFolderBlobs(snapshot, folders, this.#folderBlobs, this.#detectSecrets)
    const beside = { texts: await readSidecars(snapshot, all), folderBlobs: this.#folderBlobs }
    for await (const blob of fileBlobs(snapshot, wanted.keys(), LIMITS.fileBytes)) {
      const ways = new Map((wanted.get(blob.oid) ?? []).map((file) => [wayOf(file), file]))
      for (const [way, file] of ways) this.#keep(way, file, factsOf(blob, file, beside, this.#detectSecrets))
    }
  }

  /** Whether the file was read. */
  has(file: FileToRead): boolean {
    const { facts, problems } = this.#readLike(file) ?? {}
    return facts?.has(file.blob) === true || problems?.has(file.blob) === true
  }

  /** Why the file cannot become a version; `undefined` if it can, or was not read. */
  problemOf(file: FileToRead): FileProblem | undefined {
    return this.#readLike(file)?.problems.get(file.blob)
  }

  #keep(way: string, { blob }: FileToRead, read: FileFacts | FileProblem): void {
    const known = this.#read.get(way) ?? { facts: new PackedMap<FileFacts>(), problems: new Map() }
    this.#read.set(way, known)
    if (isFileProblem(read)) known.problems.set(blob, read)
    else known.facts.add(blob, read)
  }

  #readLike(file: FileToRead): ReadInOneWay | undefined {
    return this.#read.get(wayOf(file))
  }

  #factsOf(file: FileToRead): FileFacts | undefined {
    return this.#readLike(file)?.facts.get(file.blob)
  }

  noticesOf(file: FileToRead): readonly Notice[] {
    return this.#factsOf(file)?.notices ?? []
  }

  flawsOf(file: FileToRead): readonly InputFlaw[] {
    return this.#factsOf(file)?.flaws ?? []
  }

  /** The file as a version; `null` if it cannot become one, or was not read. */
  versionOf(file: FileToRead, commit: Oid): DesiredVersion | null {
    const facts = this.#factsOf(file)
    if (facts === undefined) return null
    const { id, path, blob, sidecars } = file
    const { contentSha256, contentStart, format, templateLanguage, files } = facts
    const additions = effectiveAdditions(facts, file.additions)
    const identity = fileIdentity(facts.filesSha256, additions)
    const unsafe = additions === null ? [] : unsafeAdditions(additions, this.#detectSecrets)
    return {
      ...{ id, path, blob, commit, format, templateLanguage, contentStart },
      ...{ additions, identity, contentSha256, ...(sidecars !== undefined && { sidecars }) },
      ...(files !== null && { files }),
      ...(facts.aloneSha256 !== null && { aloneIdentity: fileIdentity(facts.aloneSha256, additions) }),
      version: identityLabel(identity),
      payloadSha256: facts.payloadSha256,
      description: additions?.description ?? facts.description,
      tags: additions?.tags ?? facts.tags,
      inputs: facts.inputs,
      unsafe: unsafe.length === 0 ? facts.unsafe : [...facts.unsafe, ...unsafe],
    }
  }
}

/** The two parts of the text of a version that was read before; `undefined` if the blob has no such text. */
export function splitBlob(
  blob: BlobContent,
  { contentStart }: Pick<DesiredVersion, 'contentStart'>,
): Pick<ParsedFile, 'frontMatter' | 'content'> | undefined {
  const text = 'bytes' in blob ? decodeFile(blob.bytes) : undefined
  if (typeof text !== 'string') return undefined
  return { frontMatter: text.slice(0, contentStart), content: text.slice(contentStart) }
}

/** The places are those of the words, since the layout file may have them in any spelling. */
function unsafeAdditions({ description, tags = [] }: Additions, detectSecrets: SecretDetector): UnsafeText[] {
  const words = [...(description == null ? [] : [description]), ...tags].join('\n')
  return findUnsafeText(words, detectSecrets).map(({ message, ...unsafe }) => ({
    ...unsafe,
    message: `${message} ${LAYOUT_FILE} has it, in the description or the tags of this prompt.`,
  }))
}

/** One blob may be read in several ways: by its extension, and with or without front matter. */
function wayOf({ path, frontMatter, additions, sidecars = [], folder }: FileToRead): string {
  return [
    formatOfName(path),
    languageOfName(path),
    frontMatter ? '' : 'whole',
    additions.format,
    additions.templateLanguage,
    ...(sidecars.length > 0 ? [path, JSON.stringify(sidecars)] : []),
    ...(folder === undefined ? [] : [folder.key]),
  ].join(' ')
}
