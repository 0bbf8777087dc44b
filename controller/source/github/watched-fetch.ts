import { sourceError } from '../source-error.ts'
import type { GitHubLimits } from './limits.ts'
import type { HttpFetch } from './transport.ts'

/**
 * A `fetch` with timeouts for the start of a response and for silence during it. Only the host's time counts: the
 * reader of the body may be slow. Rejects with `unreachable`.
 */
export function watchedFetch(
  fetch: HttpFetch,
  { firstByteMs, silenceMs }: Pick<GitHubLimits, 'firstByteMs' | 'silenceMs'>,
): HttpFetch {
  return async (url, init = {}) => {
    const { host } = new URL(url)
    const silent = new AbortController()
    const give = (happened: string) => silent.abort(sourceError('unreachable', happened))
    const signal = AbortSignal.any([silent.signal, ...(init.signal ? [init.signal] : [])])

    const within = async <T>(ms: number, happened: string, work: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => give(happened), ms)
      try {
        return await work
      } catch (error) {
        throw silent.signal.aborted ? silent.signal.reason : error
      } finally {
        clearTimeout(timer)
      }
    }
    const noAnswer = `The host ${host} did not answer within ${seconds(firstByteMs)}.`
    const response = await within(firstByteMs, noAnswer, fetch(url, { ...init, signal }))
    if (response.body === null) return response
    const reader = response.body.getReader()
    const stopped = `The host ${host} sent nothing for ${seconds(silenceMs)}.`
    const body = watchedBody(reader, (work) => within(silenceMs, stopped, work))
    const { status, statusText, headers } = response
    return new Response(ReadableStream.from(body), { status, statusText, headers })
  }
}

async function* watchedBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  inTime: <T>(work: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read())
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} seconds`
}
