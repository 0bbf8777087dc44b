/** A GraphQL query, in the subset that this stand-in needs: one operation, inline fragments, no directives. */
export interface ParsedQuery {
  readonly operation: string
  readonly selections: readonly Selection[]
}

export type Selection =
  | {
      readonly kind: 'field'
      readonly alias: string
      readonly name: string
      readonly args: Readonly<Record<string, unknown>>
      readonly selections: readonly Selection[]
    }
  | { readonly kind: 'on'; readonly type: string; readonly selections: readonly Selection[] }

const TOKEN = /"(?:[^"\\]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d+|[{}()[\]:!$=,]|\S/g

/** Throws with a reason if the query is outside this subset. */
export function parseQuery(text: string, variables: Readonly<Record<string, unknown>>): ParsedQuery {
  const tokens = createTokens(text)
  tokens.take('query')
  const operation = tokens.name()
  // The types of variables are not checked.
  if (tokens.peek() === '(') while (tokens.take() !== ')');
  const selections = selectionsOf(tokens, variables)
  if (tokens.peek() !== END) throw new Error(`more than one operation: ${tokens.peek()}`)
  return { operation, selections }
}

const END = 'the end'

interface Tokens {
  peek(): string
  /** Throws if another token was expected. */
  take(expected?: string): string
  name(): string
}

function createTokens(text: string): Tokens {
  const all = (text.match(TOKEN) ?? []).filter((token) => token !== ',')
  let at = 0
  const tokens: Tokens = {
    peek: () => all[at] ?? END,
    take(expected) {
      const token = tokens.peek()
      if (token === END || (expected !== undefined && token !== expected))
        throw new Error(`expected ${expected ?? 'more'}, found ${token}`)
      at++
      return token
    },
    name() {
      if (!/^[A-Za-z_]\w*$/.test(tokens.peek())) throw new Error(`expected a name, found ${tokens.peek()}`)
      return tokens.take()
    },
  }
  return tokens
}

type Variables = Readonly<Record<string, unknown>>

function selectionsOf(tokens: Tokens, variables: Variables): Selection[] {
  const selections: Selection[] = []
  tokens.take('{')
  while (tokens.peek() !== '}') selections.push(selectionOf(tokens, variables))
  tokens.take('}')
  if (selections.length === 0) throw new Error('an empty selection')
  return selections
}

function selectionOf(tokens: Tokens, variables: Variables): Selection {
  if (tokens.peek() === '...') {
    tokens.take('...')
    tokens.take('on')
    return { kind: 'on', type: tokens.name(), selections: selectionsOf(tokens, variables) }
  }
  const alias = tokens.name()
  const renamed = tokens.peek() === ':'
  if (renamed) tokens.take(':')
  const name = renamed ? tokens.name() : alias
  const args = argumentsOf(tokens, variables)
  const selections = tokens.peek() === '{' ? selectionsOf(tokens, variables) : []
  return { kind: 'field', alias, name, args, selections }
}

function argumentsOf(tokens: Tokens, variables: Variables): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  if (tokens.peek() !== '(') return args
  tokens.take('(')
  while (tokens.peek() !== ')') {
    const key = tokens.name()
    tokens.take(':')
    args[key] = argumentOf(tokens, variables)
  }
  tokens.take(')')
  return args
}

function argumentOf(tokens: Tokens, variables: Variables): unknown {
  const token = tokens.take()
  if (token === '$') {
    const variable = tokens.name()
    if (!(variable in variables)) throw new Error(`no variable $${variable} was given`)
    return variables[variable]
  }
  if (token.startsWith('"')) return JSON.parse(token)
  if (/^-?\d+$/.test(token)) return Number(token)
  if (token === 'true' || token === 'false') return token === 'true'
  if (/^[A-Za-z_]/.test(token)) return token
  throw new Error(`expected a value, found ${token}`)
}
