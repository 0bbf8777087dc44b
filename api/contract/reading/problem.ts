/** Why a file cannot become a version. */
export interface FileProblem {
  readonly code:
    | 'not_utf8'
    | 'nul_character'
    | 'lfs_pointer'
    | 'file_too_large'
    | 'content_empty'
    | 'content_too_large'
    | 'front_matter_too_large'
    | 'front_matter_not_yaml'
    | 'front_matter_value'
    | 'sidecar_invalid'
    | 'folder_invalid'
  /** Line of the file, from 1. Not repeated in the message. */
  readonly line?: number
  /** One or two sentences: the problem, then the next step. */
  readonly message: string
}

/** Something that the owner of a readable file should know. */
export interface Notice {
  readonly code:
    | 'front_matter_not_read'
    /** The value is not valid YAML and was read as text. */
    | 'key_repaired'
    | 'duplicate_key'
    /** The value is valid YAML, but JSON or the field cannot represent it exactly. */
    | 'value_changed'
    | 'more_notices'
  /** Line of the file, from 1. */
  readonly line?: number
  /** The top-level key that the notice is about. */
  readonly key?: string
  readonly message: string
}

const SHOWN_CHARACTERS = 60

/** Shortens text from a file for use in a message. */
export function clipped(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`
}

export function isFileProblem<T extends object>(result: T | string | FileProblem): result is FileProblem {
  return typeof result === 'object' && 'code' in result && 'message' in result
}
