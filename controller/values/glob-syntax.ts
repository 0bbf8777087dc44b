/** Matches one character of a name; `star` matches any number. */
export type GlobToken =
  | { readonly kind: 'character'; readonly codePoint: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly CodePointRange[] }

/** Both ends are included. */
export type CodePointRange = readonly [first: number, last: number]

/** A part of a pattern. The branches of a group are the comma-separated parts in its braces. */
export type Part =
  | GlobToken
  | { readonly kind: 'slash' }
  | { readonly kind: 'globstar' }
  | { readonly kind: 'group'; readonly branches: readonly (readonly Part[])[] }

/** An invalid pattern. The message includes what to write instead. */
export class GlobFlaw extends Error {}

/** Parses a pattern. Throws `GlobFlaw`. */
export function scanGlob(pattern: string): readonly Part[] {
  return new Scanner(pattern).scan()
}

class Scanner {
  readonly #characters: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#characters = Array.from(pattern)
  }

  scan(): readonly Part[] {
    return this.#sequence(false)
  }

  #sequence(inBraces: boolean): Part[] {
    const parts: Part[] = []
    for (;;) {
      const next = this.#characters[this.#at]
      if (next === undefined || (inBraces && (next === ',' || next === '}'))) return parts
      parts.push(...this.#part(next))
    }
  }

  #part(character: string): Part[] {
    switch (character) {
      case '*':
        return [this.#stars()]
      case '[':
        return [this.#set()]
      case '{':
        return this.#braces()
      case '(':
      case ')':
        throw new GlobFlaw(
          'Groups such as `+(a|b)` are not supported. Write `{a,b}`, or `\\(` for the character.',
        )
      case '\\':
        this.#at++
        return [literal(this.#take('The pattern ends with `\\`. Write `\\\\` for the character.'))]
      default:
        this.#at++
        if (character === '/') return [{ kind: 'slash' }]
        return [character === '?' ? { kind: 'any' } : literal(character)]
    }
  }

  #stars(): Part {
    const start = this.#at
    while (this.#characters[this.#at] === '*') this.#at++
    const count = this.#at - start
    if (count > 2) throw new GlobFlaw('`***` is not supported. Write `*` within a name, or `**` for folders.')
    return count === 2 ? { kind: 'globstar' } : { kind: 'star' }
  }

  /** Braces without a comma are literal, as in a shell. */
  #braces(): Part[] {
    const start = this.#at++
    const branches = [this.#sequence(true)]
    while (this.#characters[this.#at] === ',') {
      this.#at++
      branches.push(this.#sequence(true))
    }
    this.#take('A `{` is never closed. Close it, or write `\\{` for the character.')
    if (branches.length > 1) return [{ kind: 'group', branches }]
    if (this.#characters.slice(start, this.#at).join('').includes('..')) {
      throw new GlobFlaw('Ranges in braces are not supported. Write every value, as in `{1,2,3}`.')
    }
    return [literal('{'), ...branches.flat(), literal('}')]
  }

  #set(): Part {
    this.#at++
    const negated = this.#characters[this.#at] === '!' || this.#characters[this.#at] === '^'
    if (negated) this.#at++
    const ranges: CodePointRange[] = []
    do ranges.push(this.#range())
    while (this.#characters[this.#at] !== ']')
    this.#at++
    return { kind: 'set', negated, ranges }
  }

  /** One character of a set, or `a-z`. A `-` at either end is a character. */
  #range(): CodePointRange {
    const first = this.#member()
    const isRange = this.#characters[this.#at] === '-' && this.#characters[this.#at + 1] !== ']'
    if (!isRange) return [first, first]
    this.#at++
    const last = this.#member()
    if (last < first) throw new GlobFlaw('A range in `[…]` is reversed. Write the lower character first.')
    return [first, last]
  }

  #member(): number {
    const unclosed = 'A `[` is never closed. Close it, or write `\\[` for the character.'
    const character = this.#take(unclosed)
    if (character === '/')
      throw new GlobFlaw('A `[…]` matches a character of a name and cannot contain `/`. Remove it.')
    if (character === '[' && [':', '.', '='].includes(this.#characters[this.#at] ?? '')) {
      throw new GlobFlaw('Classes such as `[:alpha:]` are not supported. Write the range, as in `[a-z]`.')
    }
    return codePoint(character === '\\' ? this.#take(unclosed) : character)
  }

  #take(problem: string): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw new GlobFlaw(problem)
    return character
  }
}

function literal(character: string): GlobToken {
  return { kind: 'character', codePoint: codePoint(character) }
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}
