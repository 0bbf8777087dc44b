/** A bearer token, or a function that returns one. It is called once, and again after a 401. */
export type Token = string | (() => string | Promise<string>)

export interface TokenSource {
  /** `renewed`: the last one was refused. Throws `TokenError`. */
  token(renewed: boolean): Promise<string | undefined> | string | undefined
  readonly renews: boolean
}

/** Why there is no token. The message has no secret. */
export class TokenError extends Error {}

/** Throws `TokenError` for a fixed token that cannot be sent. */
export function createTokenSource(token: Token | undefined): TokenSource {
  if (typeof token !== 'function') {
    const fixed = parseToken(token)
    return { token: () => fixed, renews: false }
  }
  let current: Promise<string | undefined> | undefined
  const ask = async () => {
    try {
      return parseToken(await token())
    } catch (cause) {
      current = undefined
      if (cause instanceof TokenError) throw cause
      throw new TokenError('The token function failed; see the cause.', { cause })
    }
  }
  return {
    token: (renewed) => {
      if (renewed) current = undefined
      current ??= ask()
      return current
    },
    renews: true,
  }
}

function parseToken(text: string | undefined): string | undefined {
  const token = text?.trim()
  if (token === undefined || token === '') return undefined
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new TokenError('The registry token must be one word of visible ASCII characters.')
}
