import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFields } from '../belief.ts'
import type { Found, Question } from '../tier.ts'
import type { Verified, Verifier } from '../verification.ts'

type IndexFields = Readonly<Record<string, unknown>>

/**
 * See `Verifier.checkFile`. An exported folder has the proofs of its sets in `proofs.json`, and what a file cannot hold
 * in `prompts.json`. A file that no export wrote is that of its repository.
 */
export async function checkFile(
  { add, check }: Pick<Verifier, 'add' | 'check'>,
  directory: string,
  question: Question,
  found: Found,
  text: string,
): Promise<Verified> {
  const [proofs, index] = await Promise.all(
    ['proofs.json', 'prompts.json'].map((name) => readJson(join(directory, name))),
  )
  const problems = (Array.isArray(proofs) ? proofs : []).map(add)
  const exported =
    isFields(index) && Object.hasOwn(index, question.reference) ? index[question.reference] : {}
  const fields = isFields(exported) ? exported : {}
  const checked = await check(question, withIndex(found, fields), partsIn(fields, text, found.text))
  const invalid = problems.find((problem) => problem?.kind === 'invalid')
  return typeof checked === 'string' ? (invalid?.message ?? checked) : checked
}

/** The format and the language follow from the name that the file had in its repository. */
function withIndex(found: Found, fields: IndexFields): Found {
  const { format = found.format, template_language: templateLanguage = found.templateLanguage } = fields
  return { ...found, format, templateLanguage } as Found
}

function partsIn(
  { front_matter, additions, sidecars, files }: IndexFields,
  text: string,
  content: string,
): unknown {
  const ownMatter = text.slice(0, text.length - content.length)
  return { frontMatter: front_matter === undefined ? ownMatter : front_matter, additions, sidecars, files }
}

/** `undefined` for a file that is missing or is not JSON: it proves nothing. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
