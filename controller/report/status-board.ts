import { SourceError } from '../source/git-source.ts'
import type { CommitStatus, HostReports } from './host-reports.ts'
import { remember } from './remember.ts'

/**
 * Sets commit statuses and remembers them. It skips a status that is already set, retries a failed status at the
 * next post, and drops a status that the host refuses.
 */
export interface StatusBoard {
  /** Never rejects. Posts run one after another. */
  post(statuses: readonly CommitStatus[], signal: AbortSignal): Promise<void>
  /** Whether a status with this commit and context was posted. */
  knows(status: CommitStatus): boolean
}

export interface StatusBoardOptions {
  readonly host: HostReports
  /** Receives each problem once, until it changes. */
  readonly warn: (message: string) => void
}

const REMEMBERED = 1000
const MOST_UNSENT = 100

export function createStatusBoard({ host, warn }: StatusBoardOptions): StatusBoard {
  const sent = new Map<string, string>()
  const unsent = new Map<string, CommitStatus>()
  let last: Promise<void> = Promise.resolve()
  let lastWarning = ''

  const send = async (signal: AbortSignal) => {
    let warning = ''
    for (const [place, status] of [...unsent]) {
      if (signal.aborted) break
      const trouble = await setStatus(host, status, signal)
      const isOver = trouble === null || (trouble.code === 'failed' && !signal.aborted)
      // A newer status may have arrived meanwhile.
      if (isOver && unsent.get(place) === status) unsent.delete(place)
      if (trouble === null) remember(sent, place, textOf(status), REMEMBERED)
      else warning = `cannot set a commit status: ${trouble.message}`
      // The others would fail too, so they wait for the next pass.
      if (!isOver) break
    }
    if (warning !== '' && warning !== lastWarning) warn(warning)
    if (warning !== '' || unsent.size === 0) lastWarning = warning
  }
  return {
    knows: (status) => sent.has(placeOf(status)) || unsent.has(placeOf(status)),
    post(statuses, signal) {
      for (const status of statuses) {
        const place = placeOf(status)
        if (sent.get(place) === textOf(status)) unsent.delete(place)
        else remember(unsent, place, status, MOST_UNSENT)
      }
      last = last.then(() => send(signal))
      return last
    },
  }
}

async function setStatus(
  host: HostReports,
  status: CommitStatus,
  signal: AbortSignal,
): Promise<SourceError | null> {
  try {
    await host.setStatus(status, signal)
    return null
  } catch (error) {
    return error instanceof SourceError ? error : new SourceError('failed', String(error))
  }
}

function placeOf({ commit, context }: CommitStatus): string {
  return `${commit} ${context}`
}

function textOf({ state, description, targetUrl }: CommitStatus): string {
  return JSON.stringify([state, description, targetUrl])
}
