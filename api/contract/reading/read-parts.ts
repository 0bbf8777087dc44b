import type { Additions, Sidecars } from '../version.ts'
import { documentFields } from './document.ts'
import { readFrontMatter } from './front-matter.ts'
import { type FileProblem, isFileProblem } from './problem.ts'
import { type FrontMatter, NO_FIELDS } from './prompt-fields.ts'
import { withSidecars } from './sidecars.ts'
import { type SplitFile, splitFile } from './split-file.ts'

export type FileParts = Pick<SplitFile, 'format' | 'frontMatter' | 'content'>

/** The metadata of a version: everything except its content. */
export type VersionFields = FrontMatter & {
  /** The additions of the layout that take effect; `null` if none do. */
  readonly additions: Additions | null
}

/** Reads a file that is already split, with its sidecars, and applies the additions of its layout. */
export function readParts(
  parts: FileParts,
  additions: Additions = {},
  sidecars: Sidecars | null = null,
): VersionFields | FileProblem {
  const { format, frontMatter, content } = parts
  if (frontMatter !== '' && splitFile(frontMatter + content, { format }).frontMatter !== frontMatter) {
    const message = `This is not the front matter of a file in format "${format}". Send the text before the content exactly as in the file.`
    return { code: 'front_matter_not_yaml', line: 1, message }
  }
  // A document that cannot be read is still a version, without fields.
  const own =
    format === 'document' ? (documentFields(content) ?? NO_FIELDS) : readFrontMatter(frontMatter, format)
  if (isFileProblem(own)) return own
  const matter = withSidecars(own, sidecars)
  if (isFileProblem(matter)) return matter
  const added = effectiveAdditions(matter, additions)
  const { description = matter.description, tags = matter.tags } = added ?? {}
  return { ...matter, description, tags, additions: added }
}

/** Drops additions of words that the file overrides with its own description or tags; `null` if none are left. */
export function effectiveAdditions(
  own: Pick<FrontMatter, 'description' | 'tags'>,
  { description, tags, format, templateLanguage }: Additions,
): Additions | null {
  const added = {
    ...(own.description === null && description !== undefined && description !== '' && { description }),
    ...(format !== undefined && { format }),
    ...(templateLanguage !== undefined && { templateLanguage }),
    ...(own.tags.length === 0 && tags !== undefined && tags.length > 0 && { tags }),
  }
  return Object.keys(added).length === 0 ? null : added
}
