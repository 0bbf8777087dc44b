import type { Readable } from 'node:stream'
import { createHttpTrace, type HttpAnswer, httpTraceVariables } from './http-trace.ts'
import { createLineReader } from './lines.ts'
import type { RemoteProtocol } from './remote.ts'
import { type GitTimeouts, type Silence, watchSilence } from './timeouts.ts'

/** How to watch a remote command. */
export interface RemoteWatchOptions {
  readonly transport: RemoteProtocol
  readonly timeouts: GitTimeouts
  /** Whether each answer of the host must begin in time, not only the first. */
  readonly eachAnswer: boolean
}

export interface RemoteWatch {
  /** The command printed something. */
  heard(): void
  stop(): void
  /** The last HTTP response. */
  http(): HttpAnswer | null
}

/** The file descriptor of git's trace, which is the only output while a listing arrives. */
export const TRACE_FD = 3

export function traceVariables(transport: RemoteProtocol): Record<string, string> {
  switch (transport) {
    case 'http':
      return httpTraceVariables(TRACE_FD)
    case 'ssh':
      return { GIT_TRACE_PACKET: String(TRACE_FD) }
    case 'file':
      return {}
    default:
      return transport satisfies never
  }
}

/** Timeout settings for curl, because only curl sees the bytes of a body. In whole seconds. */
export function httpSilenceSettings({ silenceMs }: GitTimeouts): [string, string][] {
  return [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(Math.max(1, Math.ceil(silenceMs / 1000)))],
  ]
}

/** Watches a command by its trace. Calls `onSilent` if the host sends nothing for too long. */
export function watchRemote(
  options: RemoteWatchOptions,
  trace: Readable | undefined,
  onSilent: (silence: Silence) => void,
): RemoteWatch {
  switch (options.transport) {
    case 'http':
      return watchHttp(options, trace, onSilent)
    case 'ssh':
      return watchPackets(options, trace, onSilent)
    case 'file': {
      const { silenceMs } = options.timeouts
      const watch = watchSilence({ firstByteMs: undefined, silenceMs, eachAnswer: false }, onSilent)
      return { ...watch, http: () => null }
    }
    default:
      return options.transport satisfies never
  }
}

function watchHttp(
  { timeouts: { firstByteMs, silenceMs }, eachAnswer }: RemoteWatchOptions,
  trace: Readable | undefined,
  onSilent: (silence: Silence) => void,
): RemoteWatch {
  let watch = watchSilence({ firstByteMs, silenceMs: undefined, eachAnswer }, onSilent)
  const http = createHttpTrace({
    onRequest: () => watch.asked(),
    onAnswer: () => watch.answered(),
    onOtherTransport() {
      watch.stop()
      watch = watchSilence({ firstByteMs: undefined, silenceMs, eachAnswer: false }, onSilent)
    },
  })
  trace?.on('data', http.add)
  return { heard: () => watch.heard(), stop: () => watch.stop(), http: http.last }
}

function watchPackets(
  { timeouts: { firstByteMs, silenceMs }, eachAnswer }: RemoteWatchOptions,
  trace: Readable | undefined,
  onSilent: (silence: Silence) => void,
): RemoteWatch {
  const watch = watchSilence({ firstByteMs, silenceMs, eachAnswer }, onSilent)
  const add = createLineReader(
    (line) => {
      const direction = / packet: +[\w-]+([<>]) /.exec(line)?.[1]
      if (direction === '<') watch.answered()
      else if (direction === '>') watch.asked()
    },
    { encoding: 'latin1' },
  )
  trace?.on('data', add)
  return { heard: watch.heard, stop: watch.stop, http: () => null }
}
