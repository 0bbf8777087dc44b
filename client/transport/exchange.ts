import { createScrub, type Scrub } from '../../api/contract/secrets.ts'
import { parseAnswer, type RawAnswer, type ReadLimits } from './answer.ts'
import type { Cancellation } from './cancellation.ts'
import { withinDeadline } from './deadline.ts'
import { systemCode } from './system-code.ts'
import type { SetTimer } from './timer.ts'
import { type SendOptions, type TransportAnswer, TransportError } from './transport.ts'

/** What every adapter takes beside its address. */
export interface AdapterLimits {
  /** Milliseconds; 10,000 when not given. */
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  readonly setTimer?: SetTimer | undefined
}

export interface ExchangeLimits extends AdapterLimits {
  readonly who: string
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
  /** Secrets that the other side may repeat. Read only after an error, to remove them from its message. */
  readonly secrets?: (() => readonly string[]) | undefined
}

/**
 * One question and its whole answer, for every adapter. Keeps the promises of `Transport` about deadline, abort,
 * size and errors, so that an adapter has only to ask.
 */
export function exchange(
  ask: (limits: ReadLimits) => Promise<RawAnswer>,
  { who, timeoutMs: usualMs, maxAnswerBytes, setTimer, secrets = () => [] }: ExchangeLimits,
  { signal, timeoutMs = usualMs, background }: SendOptions = {},
): Promise<TransportAnswer> {
  const tooLong = () =>
    new TransportError('bad_answer', `${who} answered with more than ${maxAnswerBytes} bytes.`)
  const work = async (cancellation: Cancellation): Promise<TransportAnswer> => {
    try {
      const answer = parseAnswer(await ask({ maxBytes: maxAnswerBytes, cancellation, tooLong }), who)
      if (answer.status < 400) return answer
      return { ...answer, body: scrubbed(answer.body, createScrub(secrets())) }
    } catch (error) {
      const scrub = createScrub(secrets())
      throw error instanceof TransportError ? scrubbedError(error, scrub) : unreachable(who, error, scrub)
    }
  }
  return withinDeadline(work, { who, timeoutMs, signal, background, setTimer })
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

function scrubbedError({ code, message, cause }: TransportError, scrub: Scrub): TransportError {
  const options = cause === undefined ? {} : { cause: withoutSecrets(cause, scrub) }
  return new TransportError(code, scrub(message), options)
}

/**
 * The same error in words only. The original may lead to the connection, and so to the headers of the request.
 */
function withoutSecrets(error: unknown, scrub: Scrub, depth = 0): unknown {
  if (!(error instanceof Error)) return scrub(String(error))
  const cause =
    error.cause === undefined || depth === 8 ? undefined : withoutSecrets(error.cause, scrub, depth + 1)
  const clean = new Error(scrub(error.message), cause === undefined ? {} : { cause })
  clean.name = scrub(error.name)
  if (error.stack !== undefined) clean.stack = scrub(error.stack)
  const code = 'code' in error && typeof error.code === 'string' ? scrub(error.code) : undefined
  return code === undefined ? clean : Object.assign(clean, { code })
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
