import { type FileChanges, filesSentence } from '../../api/contract/file-changes.ts'
import { compareInputs, firstDifference, type InputChange } from '../../api/contract/input-contract.ts'
import {
  isFileProblem,
  type PromptFile,
  readingOf,
  readPromptFile,
} from '../../api/contract/reading/index.ts'

/** The effect of a changed file on callers and on the cache of a model. */
export interface ChangeNote {
  readonly inputs: readonly InputChange[]
  /** The byte of the content at which a cached prefix ends; `null` if the content is unchanged, or new. */
  readonly prefix: number | null
  /** The changes of its sidecars and of the other files of its folder; `null` if there are none. */
  readonly files: FileChanges | null
}

export const NO_NOTE: ChangeNote = { inputs: [], prefix: null, files: null }

interface FileOptions {
  readonly path: string
  readonly frontMatter: boolean
  readonly files?: FileChanges | null
}

/** Compares two versions of a file. `null`: it is new or gone. */
export function changeNote(before: string | null, after: string | null, options: FileOptions): ChangeNote {
  const [older, newer] = [before, after].map((text) => (text === null ? null : read(text, options)))
  const { files = null } = options
  if (older == null || newer == null) return { ...NO_NOTE, files }
  return {
    inputs: compareInputs(inputsOf(older, options), inputsOf(newer, options)),
    prefix: firstDifference(older.content, newer.content),
    files,
  }
}

/** A sentence about the inputs, with the step that the changes need; `null` if none changed. */
export function inputsSentence({ inputs }: Pick<ChangeNote, 'inputs'>): string | null {
  if (inputs.length === 0) return null
  const changes = inputs.map(({ name, what, step }) => `"${name}" ${what} (${step})`)
  return `Inputs: ${changes.join(', ')}.`
}

/** The note as lines of a plan. */
export function noteLines(note: ChangeNote): string[] {
  const inputs = inputsSentence(note)
  const prefix = note.prefix === null ? [] : [`The cached prefix changes at byte ${note.prefix}.`]
  return [...(inputs === null ? [] : [inputs]), ...prefix, ...fileLines(note)]
}

/** The changed files as lines of a plan. */
export function fileLines({ files }: Pick<ChangeNote, 'files'>): string[] {
  return files === null ? [] : [`${filesSentence(files)}.`]
}

function read(text: string, { path, frontMatter }: FileOptions): PromptFile | null {
  const options = frontMatter ? { path } : { path, format: 'text' as const }
  const file = readPromptFile(new TextEncoder().encode(text), options)
  return isFileProblem(file) ? null : file
}

function inputsOf(file: PromptFile, { path, frontMatter }: FileOptions) {
  return readingOf(file, frontMatter ? path : null).inputs
}
