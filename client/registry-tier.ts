import { type ErrorCode, RegistryError } from '../api/contract/errors.ts'
import { LIMITS } from '../api/contract/limits.ts'
import { believe, isFields, type Sha256 } from './belief.ts'
import { UnverifiedError } from './errors.ts'
import { attemptOf } from './failure.ts'
import { knownReferencePath } from './paths.ts'
import { refusal } from './refusal.ts'
import { readSet, setRequest } from './set-request.ts'
import type { Asked, Found, Question, RegistryTier, Reply, TierAnswer, TierFailure } from './tier.ts'
import type { SendOptions, Transport, TransportAnswer, TransportRequest } from './transport/transport.ts'
import { TransportError } from './transport/transport.ts'
import type { CheckAnswer, LoadVerifier } from './verification.ts'

export interface RegistryTierOptions {
  readonly name: RegistryTier['name']
  readonly transport: Transport
  readonly sha256: Sha256
  /** Default: nothing is verified. */
  readonly loadVerifier?: LoadVerifier | undefined
}

/** Errors that are an answer about the prompt. Any other error says nothing about it. */
const ABOUT_THE_PROMPT: readonly ErrorCode[] = [
  'revoked',
  'gone',
  'mode_not_allowed',
  'not_found',
  'not_released',
  'not_in_set',
]
/** Errors of a whole batch that are an answer about each of its prompts. */
const ABOUT_ALL: readonly ErrorCode[] = ['mode_not_allowed', 'no_set']
/** An older registry has no `POST /resolve`. */
const NO_BATCH: readonly string[] = ['route_not_found', 'method_not_allowed', 'not_found']

/** One prompt by GET, several by `POST /resolve`, each with the entity tag of the text that is known. */
export function createRegistryTier({
  name,
  transport,
  sha256,
  loadVerifier,
}: RegistryTierOptions): RegistryTier {
  let batches = true
  let knowsSets = true
  let checkAnswer: CheckAnswer | undefined
  const include = loadVerifier === undefined ? undefined : 'file'

  const foundIn = (document: unknown, question: Question, options: SendOptions): Found | Promise<Found> => {
    const found = believe(document, question, sha256)
    return loadVerifier === undefined ? found : proven(found, question, document, options, loadVerifier)
  }
  const proven = async (
    found: Found | Promise<Found>,
    question: Question,
    document: unknown,
    options: SendOptions,
    load: LoadVerifier,
  ): Promise<Found> => {
    checkAnswer ??= (await load()).answersOf(transport)
    const checked = await checkAnswer(question, await found, document, options)
    if (typeof checked === 'string') throw new UnverifiedError(checked)
    return checked
  }

  const failed = (error: unknown, answer?: TransportAnswer): TierFailure => ({
    attempt: attemptOf(name, error),
    error,
    retryAfterMs: answer === undefined ? undefined : retryAfterMs(answer),
  })
  const unread = (error: unknown): Reply =>
    error instanceof RegistryError ? { refusal: error } : { failure: failed(error) }
  const readError = (answer: TransportAnswer): Reply => {
    const error = aboutTheId(refusal(answer))
    return ABOUT_THE_PROMPT.includes(error.code) ? { refusal: error } : { failure: failed(error, answer) }
  }

  const askOne = async (question: Asked, options: SendOptions): Promise<Reply> => {
    const { etag } = question
    try {
      const answer = await transport.send(requestOf(question, include), options)
      if (answer.status >= 400) return readError(answer)
      if (answer.status === 304 && etag !== undefined) return { unchanged: true }
      const found = foundIn(answer.body, question, options)
      return { found: found instanceof Promise ? await found : found, etag: answer.headers.etag }
    } catch (error) {
      return unread(error)
    }
  }

  const batchError = (answer: TransportAnswer, count: number): TierAnswer => {
    const error = refusal(answer)
    if (!ABOUT_ALL.includes(error.code)) return { failure: failed(error, answer) }
    return { replies: Array.from({ length: count }, () => ({ refusal: error })) }
  }
  const askBatch = async (asked: readonly Asked[], options: SendOptions): Promise<TierAnswer> => {
    try {
      const body = { ...batchOf(asked, knowsSets), ...(include !== undefined && { include: [include] }) }
      const answer = await transport.send({ method: 'POST', path: '/resolve', body }, options)
      if (answer.status >= 400) {
        if (!knowsSets || !refusesSets(answer)) return batchError(answer, asked.length)
        knowsSets = false
        return askBatch(asked, options)
      }
      const results = resultsOf(answer.body, asked)
      return {
        replies: await Promise.all(
          results.map((result, n) => readResult(result, asked[n] as Asked, options)),
        ),
      }
    } catch (error) {
      return { failure: failed(error) }
    }
  }
  const readResult = async (result: unknown, question: Asked, options: SendOptions): Promise<Reply> => {
    const fields = isFields(result) ? result : {}
    if (typeof fields.code === 'string') return readError({ status: 404, headers: {}, body: result })
    if (fields.unchanged === true && question.etag !== undefined) return { unchanged: true }
    const etag = typeof fields.etag === 'string' ? fields.etag : undefined
    try {
      return { found: await foundIn(fields.prompt, question, options), etag }
    } catch (error) {
      return unread(error)
    }
  }

  const askEach = async (asked: readonly Asked[], options: SendOptions): Promise<TierAnswer> => ({
    replies: await Promise.all(asked.map((question) => askOne(question, options))),
  })
  const askChunk = async (asked: readonly Asked[], options: SendOptions): Promise<TierAnswer> => {
    if (!batches) return askEach(asked, options)
    const answer = await askBatch(asked, options)
    if ('replies' in answer) return await singly(answer.replies, asked, options)
    if (!NO_BATCH.includes(answer.failure.attempt.code)) return answer
    batches = false
    return askEach(asked, options)
  }
  /** Prompts for which the answer to all had no room are asked for alone. */
  const singly = async (replies: readonly Reply[], asked: readonly Asked[], options: SendOptions) => ({
    replies: await Promise.all(
      replies.map((reply, n) => {
        const tooLarge = 'failure' in reply && reply.failure.attempt.code === 'too_large'
        return tooLarge ? askOne(asked[n] as Asked, options) : reply
      }),
    ),
  })

  const askMany = async (asked: readonly Asked[], options: SendOptions): Promise<TierAnswer> => {
    const chunks = await Promise.all(chunksOf(asked).map((chunk) => askChunk(chunk, options)))
    return chunks.find((chunk) => 'failure' in chunk) ?? { replies: chunks.flatMap(repliesOf) }
  }

  return {
    name,
    ask(asked, options) {
      const [first] = asked
      return asked.length === 1 && first !== undefined && first.set === undefined
        ? askOne(first, options).then(answerOf)
        : askMany(asked, options)
    },
    async askSet(source, known, options) {
      try {
        const answer = await transport.send(setRequest(source, known), options)
        return readSet(answer, source, known) ?? { failure: failed(refusal(answer), answer) }
      } catch (error) {
        return { failure: failed(error) }
      }
    },
  }
}

function requestOf({ reference, mode, etag }: Asked, include: string | undefined): TransportRequest {
  const query = { ...(mode !== undefined && { mode }), ...(include !== undefined && { include }) }
  return {
    method: 'GET',
    path: knownReferencePath(reference),
    ...((mode ?? include) !== undefined && { query }),
    ...(etag !== undefined && { headers: { 'if-none-match': etag } }),
  }
}

function answerOf(reply: Reply): TierAnswer {
  return 'failure' in reply ? reply : { replies: [reply] }
}

/** An id that only a seeded row can have, and no row has it. */
function aboutTheId(error: RegistryError): RegistryError {
  return error.code === 'invalid_prompt_id' ? new RegistryError('not_found', error.message) : error
}

/** An older registry refuses fields that it does not know. */
function refusesSets(answer: TransportAnswer): boolean {
  const { code, message } = refusal(answer)
  return code === 'invalid_request' && message.includes('sets')
}

function batchOf(asked: readonly Asked[], knowsSets: boolean): object {
  const { mode, set } = asked[0] ?? {}
  const known = asked.flatMap(({ reference, etag }) => (etag === undefined ? [] : [[reference, etag]]))
  return {
    references: asked.map(({ reference }) => reference),
    ...(mode !== undefined && { mode }),
    ...(set !== undefined ? { set: set.digest } : knowsSets && { sets: false }),
    ...(known.length > 0 && { known: Object.fromEntries(known) }),
  }
}

function resultsOf(body: unknown, asked: readonly Asked[]): readonly unknown[] {
  const results = isFields(body) ? body.results : undefined
  if (Array.isArray(results) && results.length === asked.length) return results
  throw new TransportError('bad_answer', `The registry did not answer all ${asked.length} references.`)
}

function chunksOf(asked: readonly Asked[]): Asked[][] {
  const starts = Array.from({ length: Math.ceil(asked.length / LIMITS.references) }, (_, n) => n)
  return starts.map((n) => asked.slice(n * LIMITS.references, (n + 1) * LIMITS.references))
}

function repliesOf(answer: TierAnswer): readonly Reply[] {
  return 'replies' in answer ? answer.replies : []
}

/** `Retry-After` in seconds. A date is not used by any registry. */
function retryAfterMs({ headers }: TransportAnswer): number | undefined {
  const seconds = Number.parseFloat(headers['retry-after'] ?? '')
  return seconds >= 0 ? seconds * 1000 : undefined
}
