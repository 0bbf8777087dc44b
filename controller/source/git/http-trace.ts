import { createLineReader } from './lines.ts'

/** The headers of an HTTP response. */
export interface HttpAnswer {
  readonly status: number
  readonly by: 'host' | 'proxy'
  /** In lower case, without parameters; empty if missing. */
  readonly contentType: string
  /** In milliseconds. */
  readonly retryAfterMs: number | null
  /** The `location` header, unchanged. */
  readonly location: string | null
}

/** Reads git's trace of its requests. Skips unknown lines. */
export interface HttpTrace {
  add(chunk: Buffer): void
  /** The last response, after its first header. */
  last(): HttpAnswer | null
}

export interface HttpTraceEvents {
  /** The transport is not HTTP, because git's configuration rewrites the address (`insteadOf`). */
  onOtherTransport(): void
  onRequest(): void
  /** A response of the host began. A proxy's response to CONNECT does not count. */
  onAnswer(): void
}

/** Makes git trace to this file descriptor, without bodies. Git omits credentials. */
export function httpTraceVariables(fd: number): Record<string, string> {
  return { GIT_TRACE: String(fd), GIT_TRACE_CURL: String(fd), GIT_TRACE_CURL_NO_DATA: '1' }
}

// Longer lines are not interesting headers.
const MOST_LINE = 16 * 1024
const RECEIVED = /<= Recv header: (?:HTTP\/[\d.]+ (\d{3})|([\w-]+): (.*))/

export function createHttpTrace(events: HttpTraceEvents): HttpTrace {
  let method = ''
  let isHttp: boolean | undefined
  let status = 0
  let headers = new Map<string, string>()

  const readHelper = (command: string) => {
    if (isHttp !== undefined) return
    isHttp = /\bremote-(?:https?|ftps?)\b/.test(command)
    if (!isHttp) events.onOtherTransport()
  }
  const readReceived = ([, first, name, value = '']: RegExpExecArray) => {
    if (first === undefined) headers.set(name?.toLowerCase() ?? '', value.trim())
    else {
      status = Number(first)
      headers = new Map()
      if (method !== 'CONNECT') events.onAnswer()
    }
  }
  const add = createLineReader(
    (line) => {
      const helper = /run_command: (.*)$/.exec(line)?.[1]
      if (helper !== undefined) readHelper(helper)
      const request = /=> Send header: ([A-Z]+) \S+ HTTP\//.exec(line)?.[1]
      if (request !== undefined) {
        method = request
        events.onRequest()
      }
      const received = RECEIVED.exec(line)
      if (received) readReceived(received)
    },
    { encoding: 'latin1', mostLength: MOST_LINE },
  )
  return {
    add,
    last: () =>
      status === 0
        ? null
        : {
            status,
            by: method === 'CONNECT' || status === 407 ? 'proxy' : 'host',
            contentType: (headers.get('content-type') ?? '').replace(/;.*/s, '').trim().toLowerCase(),
            retryAfterMs: retryAfterMs(headers),
            location: headers.get('location') ?? null,
          },
  }
}

/** Seconds, or a time, which is compared with the host's clock. */
function retryAfterMs(headers: ReadonlyMap<string, string>): number | null {
  const value = headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const wait = Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}
