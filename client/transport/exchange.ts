import { inspect } from 'node:util'
import { createScrub, type Scrub } from '../../api/contract/secrets.ts'
import { readAnswer } from './answer.ts'
import { withinDeadline } from './deadline.ts'
import { type TransportAnswer, TransportError } from './transport.ts'

export interface ExchangeLimits {
  readonly who: string
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
  readonly signal?: AbortSignal | undefined
  /** What the other side may repeat and nobody may be told; asked for once something went wrong. */
  readonly secrets?: (() => readonly string[]) | undefined
}

/**
 * One question and its whole answer, for every transport that speaks in fetch's `Response`s. Keeps the promises
 * of `Transport` about deadline, abort, size and errors, so that an adapter has only to ask.
 */
export function exchange(
  ask: (signal: AbortSignal) => Response | Promise<Response>,
  { who, timeoutMs, maxAnswerBytes, signal, secrets = () => [] }: ExchangeLimits,
): Promise<TransportAnswer> {
  return withinDeadline(
    async (inner) => {
      try {
        const answer = await readAnswer(await ask(inner), { who, maxBytes: maxAnswerBytes, signal: inner })
        return answer.status < 400
          ? answer
          : { ...answer, body: scrubbed(answer.body, createScrub(secrets())) }
      } catch (error) {
        const scrub = createScrub(secrets())
        throw error instanceof TransportError ? scrubbedError(error, scrub) : unreachable(who, error, scrub)
      }
    },
    { who, timeoutMs, signal },
  )
}

function unreachable(who: string, error: unknown, scrub: Scrub): TransportError {
  const code = systemCode(error)
  const why = code === undefined ? '' : ` (${code})`
  return new TransportError(
    'unreachable',
    `${who} could not be reached${why}; check that it runs and that the address is right.`,
    { cause: withoutSecrets(error, scrub) },
  )
}

/** Such as `ECONNREFUSED`; fetch puts it some causes down. */
export function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9_]+$/.test(at.code)) return at.code
  }
  return undefined
}

function scrubbedError(error: TransportError, scrub: Scrub): TransportError {
  const { code, message, cause } = error
  const clean = withoutSecrets(cause, scrub)
  if (scrub(message) === message && clean === cause) return error
  return new TransportError(code, scrub(message), cause === undefined ? {} : { cause: clean })
}

/** The error itself, or what it says without the secrets where one is anywhere in it. */
function withoutSecrets(error: unknown, scrub: Scrub): unknown {
  if (error === undefined) return error
  const text = inspect(error, { depth: 8, showHidden: true })
  const clean = scrub(text)
  return clean === text ? error : new Error(clean)
}

/** A document of JSON with every text in it scrubbed. */
function scrubbed(document: unknown, scrub: Scrub): unknown {
  if (typeof document === 'string') return scrub(document)
  if (Array.isArray(document)) return document.map((entry) => scrubbed(entry, scrub))
  if (typeof document !== 'object' || document === null) return document
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [scrub(key), scrubbed(value, scrub)]),
  )
}
