import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportErrorCode,
  type TransportRequest,
} from '../../client/transport/transport.ts'

/** What the other side does with every request until it is told otherwise. */
export type Behaviour =
  /** Answers 200 with the request as it was seen. */
  | { readonly kind: 'echo' }
  /** The same, after some milliseconds. */
  | { readonly kind: 'late' }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array<ArrayBuffer>
    }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Sends headers and half of a document, then nothing more. */
  | { readonly kind: 'stall' }
  /** Sends headers and a blank every few milliseconds, for ever. */
  | { readonly kind: 'drip' }
  /** Sends as much as is taken, for ever. */
  | { readonly kind: 'flood' }
  /** Breaks the connection before it answers. */
  | { readonly kind: 'reset' }
  /** Breaks the connection within the body. */
  | { readonly kind: 'break' }

export interface SeenRequest {
  readonly method: string
  /** Without the query, as it was on the wire. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** `null` where there was none. */
  readonly body: unknown
}

export interface HarnessOptions {
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
  /** What the transport shows to be let in: a token, or a part of other credentials. */
  readonly secret: string
}

export interface TransportHarness {
  readonly transport: Transport
  readonly seen: readonly SeenRequest[]
  behave(behaviour: Behaviour): void
  /** The credential that came with a request. */
  credentialIn(seen: SeenRequest): string | undefined
  /** Resolves when the other side has seen a request, at once where it has already. */
  requested(): Promise<void>
  close(): Promise<void>
}

export type OpenHarness = (options: HarnessOptions) => Promise<TransportHarness>

export interface TransportCase {
  readonly name: string
  readonly options?: Partial<HarnessOptions>
  readonly run: (harness: TransportHarness, guardMs: number) => Promise<void>
}

const SECRET = 'tok-5f1c2ab9'
const GET: TransportRequest = { method: 'GET', path: '/prompts/support/triage' }
const POST: TransportRequest = { method: 'POST', path: '/prompts', body: { prompt_id: 'a', content: 'ü\n' } }

/** Runs one case. One that does not settle within `guardMs` fails. */
export async function runCase(open: OpenHarness, { options, run }: TransportCase, guardMs = 10_000) {
  const harness = await open({ timeoutMs: 10_000, maxAnswerBytes: 100_000, secret: SECRET, ...options })
  try {
    await run(harness, guardMs)
  } finally {
    await harness.close()
  }
}

async function settles<T>(promise: Promise<T>, guardMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const guard = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: 'It hangs.' })), guardMs)
  })
  try {
    return await Promise.race([promise, guard])
  } finally {
    clearTimeout(timer)
  }
}

async function rejection(promise: Promise<unknown>, code: TransportErrorCode, guardMs: number) {
  const outcome = await settles(
    promise.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    ),
    guardMs,
  )
  assert.ok('error' in outcome, `It gave an answer: ${inspect(outcome)}`)
  assert.ok(outcome.error instanceof TransportError, `Not a TransportError: ${inspect(outcome.error)}`)
  assert.equal(outcome.error.code, code)
  assert.match(outcome.error.message, /^[A-Z].*[.?]$/s, 'The message is a sentence.')
  return outcome.error
}

const bodyOf = (answer: TransportAnswer) => answer.body as SeenRequest
const json = (status: number, value: unknown): Behaviour => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

const requests: readonly TransportCase[] = [
  {
    name: 'the method arrives',
    run: async ({ transport }) => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
        assert.equal(bodyOf(await transport.send({ method, path: '/sources/a' })).method, method)
      }
    },
  },
  {
    name: 'the path arrives as it was encoded',
    run: async ({ transport }) => {
      const path = '/prompts/a/b%401.3.0%2Bb/c%2Fd%20e'
      assert.equal(bodyOf(await transport.send({ method: 'GET', path })).path, path)
    },
  },
  {
    name: 'the query arrives, with every character in it',
    run: async ({ transport }) => {
      const query = { version: '1.3.0+b', prefix: 'a b&c=d?#%/ü', mode: '' }
      assert.deepEqual(bodyOf(await transport.send({ ...GET, query })).query, query)
    },
  },
  {
    name: 'the headers arrive',
    run: async ({ transport }) => {
      const headers = { 'if-none-match': '"abc"' }
      const seen = bodyOf(await transport.send({ ...GET, headers }))
      assert.equal(seen.headers['if-none-match'], '"abc"')
    },
  },
  {
    name: 'the body arrives as JSON, with a DELETE too',
    run: async ({ transport }) => {
      for (const method of ['POST', 'PUT', 'DELETE'] as const) {
        const seen = bodyOf(await transport.send({ ...POST, method }))
        assert.deepEqual(seen.body, POST.body)
        assert.equal(seen.headers['content-type'], 'application/json')
      }
      assert.equal(bodyOf(await transport.send(GET)).body, null)
    },
  },
  {
    name: 'the credential arrives',
    run: async ({ transport, credentialIn }) => {
      assert.equal(credentialIn(bodyOf(await transport.send(GET))), SECRET)
    },
  },
  {
    name: 'answers of concurrent sends are not mixed up',
    run: async ({ transport }) => {
      const paths = Array.from({ length: 40 }, (_, n) => `/prompts/p${n}`)
      const answers = await Promise.all(paths.map((path) => transport.send({ method: 'GET', path })))
      assert.deepEqual(
        answers.map((answer) => bodyOf(answer).path),
        paths,
      )
    },
  },
]

const answers: readonly TransportCase[] = [
  {
    name: 'every status is an answer, with its document',
    run: async ({ transport, behave }) => {
      for (const status of [200, 201, 400, 401, 404, 409, 413, 429, 500, 503]) {
        behave(json(status, { said: status }))
        const answer = await transport.send(POST)
        assert.equal(answer.status, status)
        assert.deepEqual(answer.body, { said: status })
      }
    },
  },
  {
    name: 'headers come with names in lower case',
    run: async ({ transport, behave }) => {
      behave({ kind: 'answer', status: 200, headers: { ETag: '"v1"' }, body: '{}' })
      assert.equal((await transport.send(GET)).headers.etag, '"v1"')
    },
  },
  {
    name: '204, 304 and an empty body have no document',
    run: async ({ transport, behave }) => {
      for (const status of [204, 304, 200, 503]) {
        behave({ kind: 'answer', status })
        assert.deepEqual(pick(await transport.send(GET)), { status, body: undefined })
      }
    },
  },
  {
    name: 'an error page that is not JSON keeps its status',
    run: async ({ transport, behave }) => {
      for (const status of [404, 502]) {
        behave({ kind: 'answer', status, headers: { 'content-type': 'text/html' }, body: '<h1>Oh</h1>' })
        assert.deepEqual(pick(await transport.send(GET)), { status, body: undefined })
      }
    },
  },
  {
    name: 'an answer that is not JSON is a bad answer',
    run: async ({ transport, behave }, guardMs) => {
      behave({ kind: 'answer', status: 200, body: '<h1>Welcome</h1>' })
      await rejection(transport.send(GET), 'bad_answer', guardMs)
    },
  },
  {
    name: 'an answer that is not UTF-8 is a bad answer',
    run: async ({ transport, behave }, guardMs) => {
      behave({ kind: 'answer', status: 200, body: new Uint8Array([0x22, 0xff, 0x22]) })
      await rejection(transport.send(GET), 'bad_answer', guardMs)
    },
  },
  {
    name: 'a redirect is a bad answer and is not followed',
    run: async ({ transport, behave, seen }, guardMs) => {
      for (const status of [301, 302, 307, 308]) {
        behave({ kind: 'answer', status, headers: { location: '/elsewhere' } })
        await rejection(transport.send(POST), 'bad_answer', guardMs)
      }
      assert.equal(seen.length, 4)
    },
  },
  {
    name: 'an answer of the size of the cap comes whole',
    options: { maxAnswerBytes: 5000 },
    run: async ({ transport, behave }) => {
      behave(json(200, 'x'.repeat(4998)))
      assert.equal((await transport.send(GET)).body, 'x'.repeat(4998))
    },
  },
  {
    name: 'an answer above the cap is a bad answer',
    options: { maxAnswerBytes: 5000 },
    run: async ({ transport, behave }, guardMs) => {
      behave(json(200, 'x'.repeat(4999)))
      await rejection(transport.send(GET), 'bad_answer', guardMs)
    },
  },
  {
    name: 'an answer that never ends is a bad answer',
    run: async ({ transport, behave }, guardMs) => {
      behave({ kind: 'flood' })
      await rejection(transport.send(GET), 'bad_answer', guardMs)
    },
  },
]

const deadlines: readonly TransportCase[] = [
  ...(['hang', 'stall', 'drip'] as const).map((kind) => ({
    name: `the deadline ends a send whose other side does this: ${kind}`,
    options: { timeoutMs: 60 },
    run: async ({ transport, behave }: TransportHarness, guardMs: number) => {
      behave({ kind })
      await rejection(transport.send(GET), 'timeout', guardMs)
      await rejection(transport.send(POST), 'timeout', guardMs)
    },
  })),
  {
    name: 'a deadline given with the request counts instead',
    run: async ({ transport, behave }, guardMs) => {
      behave({ kind: 'hang' })
      await rejection(transport.send(GET, { timeoutMs: 60 }), 'timeout', guardMs)
    },
  },
  {
    name: 'a deadline longer than a timer can be does not end a send at once',
    run: async ({ transport, behave }) => {
      behave({ kind: 'late' })
      assert.equal((await transport.send(GET, { timeoutMs: 2 ** 40 })).status, 200)
    },
  },
  ...(['hang', 'stall', 'drip'] as const).map((kind) => ({
    name: `the signal ends a send whose other side does this: ${kind}`,
    run: async ({ transport, behave, requested }: TransportHarness, guardMs: number) => {
      behave({ kind })
      const controller = new AbortController()
      const reason = new Error('enough')
      const sent = transport.send(GET, { signal: controller.signal })
      const outcome = rejection(sent, 'aborted', guardMs)
      await requested()
      controller.abort(reason)
      assert.equal((await outcome).cause, reason)
    },
  })),
  {
    name: 'with a signal aborted beforehand nothing is sent',
    run: async ({ transport, seen }, guardMs) => {
      await rejection(transport.send(POST, { signal: AbortSignal.abort() }), 'aborted', guardMs)
      assert.equal(seen.length, 0)
    },
  },
  {
    name: 'the signal is left without listeners',
    run: async ({ transport }) => {
      const { signal } = new AbortController()
      const counted = countListeners(signal)
      await transport.send(GET, { signal })
      assert.equal(counted(), 0)
    },
  },
]

const failures: readonly TransportCase[] = [
  {
    name: 'a connection that breaks before the answer is unreachable, and a write is sent once',
    run: async ({ transport, behave, seen }, guardMs) => {
      behave({ kind: 'reset' })
      for (const method of ['POST', 'PUT', 'DELETE'] as const) {
        await rejection(transport.send({ ...POST, method }), 'unreachable', guardMs)
      }
      assert.equal(seen.length, 3)
      await rejection(transport.send(GET), 'unreachable', guardMs)
      assert.ok(seen.length <= 5, `A GET was sent ${seen.length - 3} times.`)
    },
  },
  {
    name: 'a connection that breaks within the body is unreachable',
    run: async ({ transport, behave }, guardMs) => {
      behave({ kind: 'break' })
      await rejection(transport.send(GET), 'unreachable', guardMs)
      await rejection(transport.send(POST), 'unreachable', guardMs)
    },
  },
  {
    name: 'no error shows the credential',
    run: async ({ transport, behave }, guardMs) => {
      const page: Behaviour = { kind: 'answer', status: 200, body: 'no' }
      const codes = [
        [{ kind: 'reset' }, 'unreachable'],
        [{ kind: 'break' }, 'unreachable'],
        [{ kind: 'hang' }, 'timeout'],
        [page, 'bad_answer'],
        [{ kind: 'answer', status: 302, headers: { location: '/' } }, 'bad_answer'],
      ] as const
      for (const [behaviour, code] of codes) {
        behave(behaviour)
        // Only a deadline is to be reached; the others would be missed by a slow machine.
        const options = code === 'timeout' ? { timeoutMs: 60 } : {}
        const error = await rejection(transport.send(POST, options), code, guardMs)
        const shown = inspect(error, { depth: 20, showHidden: true })
        assert.ok(!shown.includes(SECRET), shown)
      }
    },
  },
]

const repeated: readonly TransportCase[] = [
  {
    name: 'an answer that refuses shows nothing that it repeats of the credential',
    run: async ({ transport, behave }) => {
      const spellings = [SECRET, encodeURIComponent(SECRET), Buffer.from(`x:${SECRET}`).toString('base64')]
      const error = `You sent ${spellings.join(' and ')}.`
      for (const status of [400, 401, 403, 404, 500]) {
        const document = { error, code: 'internal', more: [{ error }] }
        behave({ kind: 'answer', status, body: JSON.stringify(document) })
        const { body } = await transport.send(GET)
        assert.match(JSON.stringify(body), /You sent .+ and .+ and .+\./)
        for (const spelling of spellings) assert.ok(!JSON.stringify(body).includes(spelling), spelling)
      }
    },
  },
]

/** What every `Transport` promises, one case a promise. */
export const TRANSPORT_CASES: readonly TransportCase[] = [
  ...requests,
  ...answers,
  ...deadlines,
  ...failures,
  ...repeated,
]

function pick({ status, body }: TransportAnswer) {
  return { status, body }
}

function countListeners(signal: AbortSignal): () => number {
  let count = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count--
    removeEventListener.apply(signal, args)
  }
  return () => count
}
