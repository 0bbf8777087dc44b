import { SourceError } from '../source/git-source.ts'
import type { CommitStatus, HostReports } from './host-reports.ts'

/** Sets commit statuses and remembers them: what is said already is not said again, and what failed is tried again. */
export interface StatusBoard {
  /** Never rejects. Postings follow one another. */
  post(statuses: readonly CommitStatus[], signal: AbortSignal): Promise<void>
  /** Whether anything was said in this status's place. */
  knows(status: CommitStatus): boolean
}

export interface StatusBoardOptions {
  readonly host: HostReports
  /** Told of what went wrong, once a posting. */
  readonly warn: (message: string) => void
}

const TRIES = 3
const REMEMBERED = 1000

export function createStatusBoard({ host, warn }: StatusBoardOptions): StatusBoard {
  const said = new Map<string, string>()
  const unsent = new Map<string, { readonly status: CommitStatus; readonly tries: number }>()
  let last: Promise<void> = Promise.resolve()

  const send = async (signal: AbortSignal) => {
    const troubles: string[] = []
    for (const [place, { status, tries }] of [...unsent]) {
      if (signal.aborted) break
      const trouble = await setStatus(host, status, signal)
      if (trouble === null) remember(said, place, textOf(status))
      // A newer one may have come meanwhile.
      const isNewest = unsent.get(place)?.status === status
      const isOver = trouble === null || tries + 1 === TRIES
      if (isNewest && isOver) unsent.delete(place)
      if (trouble === null) continue
      if (isNewest && !isOver) unsent.set(place, { status, tries: tries + 1 })
      troubles.push(trouble.message)
      if (trouble.code === 'busy') break
    }
    const what = troubles.length === 1 ? '1 commit status was' : `${troubles.length} commit statuses were`
    if (troubles[0] !== undefined) warn(`${what} not set: ${troubles[0]}`)
  }
  return {
    knows: (status) => said.has(placeOf(status)) || unsent.has(placeOf(status)),
    post(statuses, signal) {
      for (const status of statuses) {
        const place = placeOf(status)
        if (said.get(place) === textOf(status)) unsent.delete(place)
        else unsent.set(place, { status, tries: 0 })
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

function remember(said: Map<string, string>, place: string, text: string): void {
  said.delete(place)
  said.set(place, text)
  for (const oldest of said.keys()) if (said.size > REMEMBERED) said.delete(oldest)
}
