import { Composer, type CST, type Document, type ParsedNode, Parser } from 'yaml'
import { LIMITS } from '../limits.ts'

/** The place and cause of invalid YAML. */
export interface YamlFlaw {
  /** Offset in the parsed text. */
  readonly offset: number
  /** An error code of the `yaml` package, or ours. */
  readonly code: string
  /** The message of the `yaml` package. */
  readonly reason: string
}

export type ParsedYaml = { readonly root: ParsedNode | null } | { readonly flaw: YamlFlaw }

/** Inside a document, no line is a directive. */
const START = '---\n'

const OPTIONS = {
  logLevel: 'error',
  // The duplicate check of `yaml` takes quadratic time; `yamlToJson` finds duplicates instead.
  uniqueKeys: false,
  stringKeys: true,
  // Pretty errors copy the line, which can be the whole text.
  prettyErrors: false,
  resolveKnownTags: false,
} as const

/**
 * Parses one YAML document. Accepts unknown tags and aliases without an anchor.
 *
 * `yaml` builds nodes recursively, and a stack overflow inside one of its regular expressions ends the process. So
 * the depth is checked first, on the tokens, which are read without recursion.
 */
export function parseYaml(text: string): ParsedYaml {
  const source = START + text
  const tokens = [...new Parser().parse(source)]
  const deep = findTooDeep(tokens)
  if (deep !== undefined) return flawAt(deep, 'TOO_DEEP', 'nested too deep')
  const [document, second] = compose(tokens, source.length)
  const error = document?.errors[0]
  if (error !== undefined) return flawAt(error.pos[0], error.code, error.message)
  if (second !== undefined) return flawAt(second.range[0], 'MULTIPLE_DOCS', 'a second document')
  return { root: document?.contents ?? null }
}

function flawAt(offset: number, code: string, reason: string): ParsedYaml {
  return { flaw: { offset: Math.max(0, offset - START.length), code, reason } }
}

function compose(tokens: readonly CST.Token[], length: number): Document.Parsed[] {
  const documents: Document.Parsed[] = []
  for (const document of new Composer(OPTIONS).compose(tokens, true, length)) {
    if (documents.push(document) === 2) break
  }
  return documents
}

/** Offset of the first token that exceeds the JSON depth limit. */
function findTooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open = tokens.flatMap((token) =>
    token.type === 'document' && token.value ? [{ token: token.value, depth: 0 }] : [],
  )
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { token, depth } = one
    if (depth > LIMITS.jsonDepth + 1) return token.offset
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 })
      if (value) open.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}

/** The offset of a parsed node in the text. */
export function offsetOf(node: ParsedNode): number {
  return Math.max(0, node.range[0] - START.length)
}
