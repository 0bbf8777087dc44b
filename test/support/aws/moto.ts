import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, test } from 'vitest'

/** A running AWS emulator. */
export interface Moto {
  readonly port: number
  /** Runs one at a time what must not meet: the emulator's transactions are right only by themselves. */
  alone<T>(run: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** Starts `moto_server` on a free port of the loopback interface and waits until it listens. */
export async function startMoto(): Promise<Moto> {
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    // Goes on reading for as long as the server runs: a full pipe would stop it.
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
      // Nothing in it is worth the minute in which it would give back the memory of a large table piece by piece.
      child.kill('SIGKILL')
      await ended
    },
  }
}

let running: Promise<Moto> | undefined

/** The emulator of this test file, started by the first test that needs it. */
export function moto(): Promise<Moto> {
  running ??= startMoto()
  return running
}

/**
 * A suite that needs the emulator. Where it is missing the suite is skipped and says so, or fails where
 * everything is required.
 */
export function describeOnAws(title: string, define: () => void): void {
  if (isOnPath('moto_server')) {
    describe(title, () => {
      afterAll(async () => {
        await (await running)?.stop()
        running = undefined
      })
      define()
    })
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
