/** A GraphQL query, as far as this stand-in needs the language: one operation, inline fragments, no directives. */
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

/** Throws with a reason where it is not such a query. */
export function parseQuery(text: string, variables: Readonly<Record<string, unknown>>): ParsedQuery {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => token !== ',')
  let at = 0
  const peek = () => tokens[at] ?? 'the end'
  const take = (expected?: string) => {
    const token = peek()
    if (expected !== undefined && token !== expected) throw new Error(`expected ${expected}, found ${token}`)
    at++
    return token
  }
  const name = () => {
    if (!/^[A-Za-z_]\w*$/.test(peek())) throw new Error(`expected a name, found ${peek()}`)
    return take()
  }

  const value = (): unknown => {
    const token = take()
    if (token === '$') {
      const variable = name()
      if (!(variable in variables)) throw new Error(`no variable $${variable} was given`)
      return variables[variable]
    }
    if (token.startsWith('"')) return JSON.parse(token)
    if (/^-?\d+$/.test(token)) return Number(token)
    if (token === 'true' || token === 'false') return token === 'true'
    if (/^[A-Za-z_]/.test(token)) return token
    throw new Error(`expected a value, found ${token}`)
  }
  const argumentsOf = () => {
    const args: Record<string, unknown> = {}
    if (peek() !== '(') return args
    take('(')
    while (peek() !== ')') {
      const key = name()
      take(':')
      args[key] = value()
    }
    take(')')
    return args
  }
  const selectionsOf = (): Selection[] => {
    const selections: Selection[] = []
    take('{')
    while (peek() !== '}') selections.push(selection())
    take('}')
    if (selections.length === 0) throw new Error('an empty selection')
    return selections
  }
  const selection = (): Selection => {
    if (peek() === '...') {
      take('...')
      take('on')
      return { kind: 'on', type: name(), selections: selectionsOf() }
    }
    const first = name()
    const renamed = peek() === ':'
    if (renamed) take(':')
    const field = renamed ? name() : first
    const args = argumentsOf()
    return {
      kind: 'field',
      alias: first,
      name: field,
      args,
      selections: peek() === '{' ? selectionsOf() : [],
    }
  }

  take('query')
  const operation = name()
  if (peek() === '(') while (take() !== ')');
  const selections = selectionsOf()
  if (at !== tokens.length) throw new Error(`more than one operation: ${peek()}`)
  return { operation, selections }
}
