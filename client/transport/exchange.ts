import { inspect } from 'node:util'
import { readAnswer } from './answer.ts'
import { withinDeadline } from './deadline.ts'
import { type TransportAnswer, TransportError } from './transport.ts'

export interface ExchangeLimits {
  readonly who: string
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
  readonly signal?: AbortSignal | undefined
  /** What must not appear in an error. */
  readonly secret?: string | undefined
}

/**
 * One question and its whole answer, for every transport that speaks in fetch's `Response`s. Keeps the promises
 * of `Transport` about deadline, abort, size and errors, so that an adapter has only to ask.
 */
export function exchange(
  ask: (signal: AbortSignal) => Response | Promise<Response>,
  { who, timeoutMs, maxAnswerBytes, signal, secret }: ExchangeLimits,
): Promise<TransportAnswer> {
  return withinDeadline(
    async (inner) => {
      try {
        return await readAnswer(await ask(inner), { who, maxBytes: maxAnswerBytes, signal: inner })
      } catch (error) {
        if (error instanceof TransportError) throw error
        throw unreachable(who, error, secret)
      }
    },
    { who, timeoutMs, signal },
  )
}

function unreachable(who: string, error: unknown, secret: string | undefined): TransportError {
  const code = systemCode(error)
  const why = code === undefined ? '' : ` (${code})`
  return new TransportError(
    'unreachable',
    `${who} could not be reached${why}; check that it runs and that the address is right.`,
    { cause: withoutSecret(error, secret) },
  )
}

/** Such as `ECONNREFUSED`; fetch puts it some causes down. */
export function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9_]+$/.test(at.code)) return at.code
  }
  return undefined
}

/** The error itself, or what it says with the secret blotted out when the secret is anywhere in it. */
function withoutSecret(error: unknown, secret: string | undefined): unknown {
  if (secret === undefined) return error
  const text = inspect(error, { depth: 8, showHidden: true })
  return text.includes(secret) ? new Error(text.replaceAll(secret, '***')) : error
}
