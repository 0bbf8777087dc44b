import { LIMITS } from '../limits.ts'
import { closingFence, type Fences, isFence, topLine } from './find-front-matter.ts'
import type { Format } from './format.ts'
import { lineText } from './lines.ts'
import type { FileProblem } from './problem.ts'
import { type FrontMatter, NO_FIELDS, promptFields } from './prompt-fields.ts'
import { notYaml, readYamlMapping } from './yaml-mapping.ts'

/**
 * Reads front matter as `splitFile` returns it, including the `---` lines. Problems and notices have line numbers
 * of the file. Takes time proportional to the length, at most `LIMITS.frontMatterBytes`.
 */
export function readFrontMatter(frontMatter: string, format: Format): FrontMatter | FileProblem {
  if (frontMatter === '') return NO_FIELDS
  const bytes = Buffer.byteLength(frontMatter)
  if (bytes > LIMITS.frontMatterBytes) {
    const message = `The front matter has ${bytes} bytes; at most ${LIMITS.frontMatterBytes} are allowed. Shorten it.`
    return { code: 'front_matter_too_large', message }
  }
  const fences = fencesAround(frontMatter, format)
  if (fences === undefined)
    return notYaml(1, 'The front matter does not begin and end with a `---` line. Add it.')
  const { open, close } = fences
  const mapping = readYamlMapping(frontMatter.slice(open.next, close.start), open.number)
  return 'code' in mapping ? mapping : promptFields(mapping)
}

function fencesAround(frontMatter: string, format: Format): Fences | undefined {
  const open = topLine(frontMatter, format)
  if (open === undefined || !isFence(lineText(frontMatter, open))) return undefined
  const close = closingFence(frontMatter, open)
  return close?.next === frontMatter.length ? { open, close } : undefined
}
