/** A tag of a template, such as `{{name}}` or `{% if x %}`. */
export interface TemplateTag {
  readonly start: number
  /** Offset after the tag. */
  readonly end: number
  /** The text between the braces, without white space control. */
  readonly inner: string
  /** Blocks that are open before the tag, without the one that the tag itself opens or closes. */
  readonly depth: number
}

/** The tags of a Handlebars template, without comments, escaped tags and raw blocks. Takes linear time. */
export function* handlebarsTags(text: string): Generator<TemplateTag> {
  let depth = 0
  for (let start = text.indexOf('{{'); start !== -1; ) {
    const { inner, end } = handlebarsTag(text, start)
    if (end === -1) return
    if (inner !== undefined) {
      if (inner.startsWith('/')) depth--
      yield { start, end, inner, depth }
      if (inner.startsWith('#') || (inner.startsWith('^') && inner !== '^')) depth++
    }
    start = text.indexOf('{{', end)
  }
}

function handlebarsTag(text: string, start: number): { readonly inner?: string; readonly end: number } {
  if (text[start - 1] === '\\' && text[start - 2] !== '\\') return { end: after(text, '}}', start) }
  if (text.startsWith('{{!--', start) || text.startsWith('{{~!--', start)) {
    const close = after(text, '--', start + 6)
    return { end: close === -1 ? -1 : after(text, '}}', close) }
  }
  if (text.startsWith('{{{{', start)) {
    const close = after(text, '{{{{/', start + 4)
    return { end: close === -1 ? -1 : after(text, '}}}}', close) }
  }
  const isTriple = text.startsWith('{{{', start)
  const end = after(text, isTriple ? '}}}' : '}}', start)
  const inner = text.slice(start + (isTriple ? 3 : 2), end - (isTriple ? 3 : 2))
  return inner.startsWith('!') || inner.startsWith('~!')
    ? { end }
    : { inner: withoutControl(inner, '~'), end }
}

/** The tags of a Jinja or Liquid template, without comments and raw blocks. Takes linear time. */
export function* percentTags(text: string): Generator<TemplateTag & { readonly isStatement: boolean }> {
  let depth = 0
  let raw: string | undefined
  for (const { start, end, kind, inner } of braceTags(text)) {
    if (kind === '#') continue
    const isStatement = kind === '%'
    const [word = ''] = isStatement ? inner.split(/\s/, 1) : []
    if (raw !== undefined) {
      if (word !== `end${raw}`) continue
      raw = undefined
    } else if (word === 'raw' || word === 'comment') {
      raw = word
      continue
    }
    if (word.startsWith('end')) depth = Math.max(0, depth - 1)
    yield { start, end, inner, depth, isStatement }
    if (BLOCKS.has(word) && !(word === 'set' && inner.includes('='))) depth++
  }
}

const BLOCKS = new Set([
  ...['if', 'for', 'block', 'macro', 'call', 'filter', 'with', 'set', 'autoescape', 'generation'],
  ...['unless', 'case', 'capture', 'tablerow'],
])

function* braceTags(text: string) {
  const unclosed = new Set<string>()
  for (let start = text.indexOf('{'); start !== -1; ) {
    const kind = text.charAt(start + 1)
    if ((kind !== '{' && kind !== '%' && kind !== '#') || unclosed.has(kind)) {
      start = text.indexOf('{', start + 1)
      continue
    }
    const end = after(text, kind === '{' ? '}}' : `${kind}}`, start + 2)
    if (end === -1) {
      unclosed.add(kind)
      continue
    }
    yield { start, end, kind, inner: withoutControl(text.slice(start + 2, end - 2), '-') }
    start = text.indexOf('{', end)
  }
}

/** The offset after the next occurrence; -1 if there is none. */
function after(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at === -1 ? -1 : at + what.length
}

function withoutControl(inner: string, sign: string): string {
  const from = inner.startsWith(sign) ? 1 : 0
  const to = inner.length > from && inner.endsWith(sign) ? inner.length - 1 : inner.length
  return inner.slice(from, to).trim()
}
