import { compareInputs, firstDifference, type InputChange } from '../../api/contract/input-contract.ts'
import {
  isFileProblem,
  type PromptFile,
  readingOf,
  readPromptFile,
} from '../../api/contract/reading/index.ts'

/** The effects of a changed file on callers and on the cache of a model. */
export interface ChangeNote {
  readonly inputs: readonly InputChange[]
  /** The byte of the content at which a cached prefix ends; `null` if the content is unchanged, or new. */
  readonly prefix: number | null
}

export const NO_NOTE: ChangeNote = { inputs: [], prefix: null }

interface FileOptions {
  readonly path: string
  readonly frontMatter: boolean
}

/** Compares two versions of a file. `null`: it is new or gone. */
export function changeNote(before: string | null, after: string | null, options: FileOptions): ChangeNote {
  const [older, newer] = [before, after].map((text) => (text === null ? null : read(text, options)))
  if (older == null || newer == null) return NO_NOTE
  return {
    inputs: compareInputs(inputsOf(older, options), inputsOf(newer, options)),
    prefix: firstDifference(older.content, newer.content),
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
  return [...(inputs === null ? [] : [inputs]), ...prefix]
}

function read(text: string, { path, frontMatter }: FileOptions): PromptFile | null {
  const options = frontMatter ? { path } : { path, format: 'text' as const }
  const file = readPromptFile(new TextEncoder().encode(text), options)
  return isFileProblem(file) ? null : file
}

function inputsOf(file: PromptFile, { path, frontMatter }: FileOptions) {
  return readingOf(file, frontMatter ? path : null).inputs
}
