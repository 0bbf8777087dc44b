import { onTestFinished } from 'vitest'
import { type CliUnderTest, type Ran, words } from './cli-under-test.ts'

export interface Serving {
  /** What stdout has once it has this; the process must not end before. */
  until(pattern: RegExp): Promise<string>
  /** Asks it to end. */
  end(): Promise<Ran>
}

/** Runs `serve` until it is asked to end. */
export function startServe({ run }: CliUnderTest, line = 'serve --port 0', env = {}): Serving {
  const stop = new AbortController()
  let all = ''
  let heard = () => {}
  const running = run(words(line), {
    env,
    signal: stop.signal,
    onOutput: (text) => {
      all = text
      heard()
    },
  })
  onTestFinished(async () => {
    stop.abort(new Error('ended by the test'))
    await running
  })
  return {
    until: async (pattern) => {
      const early = running.then(({ err }) => Promise.reject(new Error(`It ended early: ${err}`)))
      early.catch(() => {})
      while (!pattern.test(all)) {
        const more = new Promise<void>((resolve) => {
          heard = resolve
        })
        await Promise.race([more, early])
      }
      return all
    },
    end: async () => {
      stop.abort(new Error('ended by SIGTERM'))
      return await running
    },
  }
}

/** The address of the registry in the output of `serve`. */
export function urlIn(text: string): string {
  return /The registry is at (http:\S+) /.exec(text)?.[1] ?? ''
}
