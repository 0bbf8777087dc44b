import { handlebarsTags } from './template-tags.ts'

/** Helpers of Handlebars and dotprompt that take no arguments. */
const HELPERS = new Set(['history', 'else', '^'])
/** Blocks in which names are still those of the prompt's values. */
const PLAIN_BLOCKS = new Set(['if', 'unless', 'ifEquals', 'unlessEquals'])
const LITERALS = new Set(['true', 'false', 'null', 'undefined', 'this', ''])
const WORD = /"[^"]*"?|'[^']*'?|[()|=]|(?:\[[^\]]*\]?|[^\s()|="'[])+/g

/** The names of the values that a Handlebars template uses. */
export function* handlebarsNames(text: string): Generator<string> {
  /** For each open block, whether names in it are those of an inner value. */
  const inner: boolean[] = []
  let depth = 0
  const own = new Set<string>()
  for (const { inner: tag } of handlebarsTags(text)) {
    if (tag.startsWith('/')) {
      if (inner.pop() === true) depth--
      continue
    }
    if (tag.startsWith('>')) continue
    const opens = tag.startsWith('#') || (tag.startsWith('^') && tag !== '^')
    const words = wordsOf(tag.replace(/^[#^&]\s*/, '').replace(/^else\s+(?=\S)/, ''))
    const paramsFrom = words.indexOf('|')
    for (const name of paramsFrom === -1 ? [] : words.slice(paramsFrom)) if (name !== '|') own.add(name)
    for (const path of pathsIn(paramsFrom === -1 ? words : words.slice(0, paramsFrom))) {
      const name = rootName(path, depth)
      if (name !== undefined && !own.has(name)) yield name
    }
    if (!opens) continue
    const isInner = !isPlainBlock(tag, words)
    inner.push(isInner)
    if (isInner) depth++
  }
}

function isPlainBlock(tag: string, [helper = '', ...values]: readonly string[]): boolean {
  if (tag.startsWith('^') || PLAIN_BLOCKS.has(helper)) return true
  return helper !== 'each' && helper !== 'with' && values.length > 0
}

function wordsOf(tag: string): readonly string[] {
  return tag.match(WORD) ?? []
}

/** The words that name values: all but helpers with arguments, names of arguments, and `as`. */
function pathsIn(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => {
    const before = words[index - 1]
    const next = words[index + 1]
    if (/^["'()|=]/.test(word) || word === 'as' || next === '=') return false
    const isFirst = before === undefined || before === '('
    if (isFirst && next !== undefined && next !== ')') return false
    return !(isFirst && (HELPERS.has(word) || before === '('))
  })
}

/** The name of a value of the prompt; `undefined` for literals and for names of an inner value. */
function rootName(path: string, depth: number): string | undefined {
  let rest = path
  let levels = depth
  if (rest.startsWith('@root.')) {
    rest = rest.slice('@root.'.length)
    levels = 0
  }
  for (; rest.startsWith('../'); levels--) rest = rest.slice(3)
  if (rest.startsWith('./')) rest = rest.slice(2)
  const name = rest.startsWith('[') ? rest.slice(1).split(']', 1)[0] : rest.split(/[./]/, 1)[0]
  if (levels > 0 || name === undefined || LITERALS.has(name) || /^[@\d-]/.test(name)) return undefined
  return name
}
