import type { CliRuntime } from './cli-runtime.ts'
import { isTerminal } from './terminal.ts'

/** A second signal within this time may be the same Ctrl-C, which npm and bin/promptctl.js pass on. */
const SAME_SIGNAL_MS = 1000

/** Exit codes as shells report them: 128 and the number of the signal. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const

type StopSignal = keyof typeof CODES

interface StoppedProcess extends Pick<CliRuntime, 'stderr'> {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  exit(code: number): void
}

/**
 * Aborts at the first SIGINT or SIGTERM. If the command still runs a second later, it says so on a terminal, and the
 * next signal ends the process at once. Everything committed until then stays.
 */
export function stopOnSignals(stopped: StoppedProcess): AbortSignal {
  const { stderr } = stopped
  const stop = new AbortController()
  let isPatient = true
  const say = (line: string) => void (isTerminal(stderr) && stderr.write(`${line}\n`))
  const onSignal = (signal: StopSignal) => {
    if (!stop.signal.aborted) {
      stop.abort(new Error(`stopped by ${signal}`))
      const offer = () => {
        isPatient = false
        say('Stopping. Press Ctrl-C again to stop now.')
      }
      setTimeout(offer, SAME_SIGNAL_MS).unref()
    } else if (!isPatient) {
      say('Stopped now. The next start continues from what is committed.')
      stopped.exit(CODES[signal])
    }
  }
  for (const signal of Object.keys(CODES) as StopSignal[]) stopped.on(signal, onSignal)
  return stop.signal
}
