import { percentTags } from './template-tags.ts'

/** Words of Jinja and Liquid that are not values. */
const KEYWORDS = new Set([
  ...[
    'and',
    'or',
    'not',
    'in',
    'is',
    'if',
    'else',
    'elif',
    'elsif',
    'unless',
    'case',
    'when',
    'for',
    'true',
    'false',
  ],
  ...[
    'none',
    'True',
    'False',
    'None',
    'nil',
    'null',
    'blank',
    'empty',
    'contains',
    'recursive',
    'as',
    'with',
    'set',
  ],
  ...[
    'loop',
    'forloop',
    'tablerowloop',
    'tablerow',
    'cycle',
    'echo',
    'print',
    'do',
    'call',
    'filter',
    'assign',
  ],
  ...['reversed', 'limit', 'offset', 'range', 'ignore', 'missing', 'without', 'context', 'capture', 'macro'],
  ...[
    'self',
    'super',
    'caller',
    'varargs',
    'kwargs',
    'namespace',
    'break',
    'continue',
    'autoescape',
    'generation',
  ],
])
/** Statements that name other templates or blocks, not values. */
const WITHOUT_VALUES = new Set([
  'import',
  'from',
  'extends',
  'block',
  'include',
  'render',
  'layout',
  'liquid',
])
const TOKEN = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[\p{L}_][\p{L}\p{M}\p{N}_]*|\d[\p{L}\p{N}_.]*|[^\s]/gsu
const NAME = /^[\p{L}_]/u

/** The names of the values that a Jinja or Liquid template uses. */
export function expressionNames(text: string): readonly string[] {
  const used: string[] = []
  const own = new Set<string>()
  for (const { inner, isStatement } of percentTags(text)) {
    const tokens = inner.match(TOKEN) ?? []
    const [word = ''] = tokens
    if (isStatement && (WITHOUT_VALUES.has(word) || word.startsWith('end'))) continue
    const targets = isStatement ? targetsOf(word, tokens) : 0
    for (const name of tokens.slice(1, targets)) if (NAME.test(name)) own.add(name)
    for (const name of valuesIn(tokens, Math.max(targets, isStatement ? 1 : 0))) used.push(name)
  }
  return used.filter((name) => !own.has(name))
}

/** How many tokens of a statement set names, from its first one. */
function targetsOf(word: string, tokens: readonly string[]): number {
  const upTo = (token: string) => {
    const index = tokens.indexOf(token)
    return index === -1 ? tokens.length : index
  }
  switch (word) {
    case 'for':
    case 'tablerow':
      return upTo('in')
    case 'set':
    case 'assign':
    case 'with':
      return upTo('=')
    case 'macro':
    case 'capture':
    case 'increment':
    case 'decrement':
      return tokens.length
    default:
      return 0
  }
}

function valuesIn(tokens: readonly string[], from: number): string[] {
  return tokens.slice(from).filter((token, offset) => {
    if (!NAME.test(token) || KEYWORDS.has(token)) return false
    const at = from + offset
    const before = tokens[at - 1]
    const next = tokens[at + 1]
    if (before === '.' || before === '|' || next === '(' || next === ':') return false
    if (before === 'is' || (before === 'not' && tokens[at - 2] === 'is')) return false
    const isArgument = next === '=' && tokens[at + 2] !== '='
    return !isArgument
  })
}
