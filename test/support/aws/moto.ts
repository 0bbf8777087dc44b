import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'vitest'

/** A running AWS emulator. */
export interface Moto {
  readonly port: number
  /** Serializes calls, because the emulator's transactions are correct only without concurrency. */
  alone<T>(run: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/**
 * Runs `moto_server` until its standard input ends, so it never outlives this process, however that ends. It is
 * killed at once: a clean exit takes a minute to free the memory of a large table, and saves nothing.
 */
const UNTIL_STDIN_ENDS = 'moto_server -H 127.0.0.1 -p 0 </dev/null & read -r _; kill -9 $!'

/** Starts `moto_server` on a free loopback port and waits until it listens. */
export async function startMoto(): Promise<Moto> {
  const child = spawn('sh', ['-c', UNTIL_STDIN_ENDS], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, PYTHONPATH: join(import.meta.dirname, 'emulator') },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    // Reads as long as the server runs, because a full pipe would block it.
    createInterface(child.stderr).on('line', (line) => {
      const found = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)
      if (found !== null) resolve(Number(found[1]))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`moto_server ended with ${code} before it listened`)))
  })
  let tail: Promise<unknown> = Promise.resolve()
  return {
    port,
    alone(run) {
      const mine = tail.then(run, run)
      tail = mine.catch(() => undefined)
      return mine
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

let running: Promise<Moto> | undefined

/** The emulator of this process and its test files. The first test that needs it starts it. */
export function moto(): Promise<Moto> {
  running ??= startMoto()
  return running
}

/**
 * A suite that needs the emulator. If it is missing, the suite is skipped with the reason, or fails with
 * REQUIRE_ALL.
 */
export function describeOnAws(title: string, define: () => void): void {
  if (isOnPath('moto_server')) {
    describe(title, define)
    return
  }
  test(title, (context) => {
    const reason = 'moto_server, the AWS emulator, is not on the PATH (pip install "moto[server]")'
    if (process.env.REQUIRE_ALL === '1') throw new Error(reason)
    context.skip(reason)
  })
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
