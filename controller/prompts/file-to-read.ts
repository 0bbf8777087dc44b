import type { Additions } from '../../api/contract/version.ts'
import type { LayoutInForce } from './layout.ts'
import { wholeOf } from './split-text.ts'
import type { TreePromptFile } from './tree.ts'

/** A file to read, with what its layout has to do with it. */
export interface FileToRead extends TreePromptFile {
  /** Whether the file is split at its front matter. */
  readonly frontMatter: boolean
  /** Additions of the layout that the file lacks. */
  readonly additions: Additions
}

/**
 * Does not keep the layout: each release tag may have a large one of its own. Nor does it keep the text of the layout
 * file, of which strings may be slices.
 */
export function fileToRead(file: TreePromptFile, { frontMatter, additionsFor }: LayoutInForce): FileToRead {
  const additions = additionsFor(file.id, wholeOf(file.path).whole)
  const isPlain = Object.keys(additions).length === 0
  return { ...file, frontMatter, additions: isPlain ? NO_ADDITIONS : JSON.parse(JSON.stringify(additions)) }
}

const NO_ADDITIONS: Additions = {}
