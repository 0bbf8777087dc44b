import { declaredInputs } from '../../api/contract/reading/declared-inputs.ts'
import { type PromptFile, readPrompt } from '../../api/contract/reading/index.ts'
import { placeholderNames } from '../../api/contract/reading/placeholders.ts'

/** An input that a file declares but does not use, or the reverse. */
export interface InputFlaw {
  readonly code: 'input_unused' | 'input_undeclared'
  readonly name: string
  /** Of the file, from 1. */
  readonly line: number
  readonly message: string
  /** Whether the template language is known. Otherwise an agent may pass the input beside the text. */
  readonly isCertain: boolean
}

/** Flaws per file and code. */
const MOST = 20

type DeclaringFile = Pick<
  PromptFile,
  'frontMatter' | 'content' | 'variables' | 'config' | 'format' | 'templateLanguage'
>

/**
 * Inputs that are declared but not used, and, if the template language is known, placeholders that are not declared.
 * A file that declares nothing has no flaws. In doubt an input counts as used: a partial may use it, and so may any
 * tag that has its name.
 */
export function inputFlaws(file: DeclaringFile): InputFlaw[] {
  const declared = new Set(declaredInputs(file).map(({ name }) => name))
  if (declared.size === 0) return []
  const texts = textsOf(file)
  const isUsed = usedIn(texts, file)
  const unused = [...declared].filter((name) => WHOLE_WORD.test(name) && !isUsed(name))
  const { templateLanguage: language } = file
  const used = language === null ? [] : texts.flatMap((text) => placeholderNames(text, language))
  const undeclared = used.filter((name) => !declared.has(name))
  const lineOf = lineFinder(file)
  const isCertain = language !== null
  return [
    ...unused.slice(0, MOST).map((name): InputFlaw => {
      const message = `The input "${name}" is declared, but the text does not use it. Use or remove it.`
      return { code: 'input_unused', name, line: lineOf(name, 'declared'), message, isCertain }
    }),
    ...[...new Set(undeclared)].slice(0, MOST).map((name): InputFlaw => {
      const message = `The text uses "${name}", which is not among the declared inputs. Declare it, or correct the name.`
      return { code: 'input_undeclared', name, line: lineOf(name, 'used'), message, isCertain }
    }),
  ]
}

/** The texts with placeholders: the messages or the template of a document, otherwise the content. */
function textsOf(file: DeclaringFile): readonly string[] {
  if (file.format !== 'document') return [file.content]
  const { messages, template } = readPrompt(file)
  return [...(messages ?? []).map(({ content = '' }) => content), ...(template === null ? [] : [template])]
}

const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_-]*/gu
const WHOLE_WORD = /^[\p{L}_][\p{L}\p{M}\p{N}_-]*$/u
const TAG = /\{[^{}]*\}/g
const PARTIAL = /\{\{~?>|\{%-?\s*(?:include|import|from|extends|render|layout)\b/

/** Without a known language, any mention of the name is a use. */
function usedIn(texts: readonly string[], { templateLanguage }: DeclaringFile): (name: string) => boolean {
  if (texts.some((text) => PARTIAL.test(text))) return () => true
  const places = templateLanguage === null ? texts : texts.flatMap((text) => text.match(TAG) ?? [])
  const words = new Set(places.flatMap((place) => place.match(WORD) ?? []))
  return (name) => words.has(name)
}

/** Finds the line on which a name is declared, or used in braces; 1 if there is none. */
function lineFinder({ frontMatter, content }: DeclaringFile) {
  const [before, lines] = [frontMatter, content].map((text) => text.split('\n')) as [string[], string[]]
  const has = (line: string, name: string) => (line.match(WORD) ?? []).some((word) => word === name)
  return (name: string, kind: 'declared' | 'used') => {
    if (kind === 'declared' && frontMatter !== '') return before.findIndex((line) => has(line, name)) + 1 || 1
    const at = lines.findIndex((line) => (kind === 'declared' || line.includes('{')) && has(line, name))
    return at === -1 ? 1 : before.length + at
  }
}
