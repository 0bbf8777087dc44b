import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { ChildOrders } from './registry-child.ts'

const SCRIPT = fileURLToPath(new URL('registry-child.ts', import.meta.url))

/** A path for a test's database, in a folder that is deleted after the test. */
export async function databaseFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'registry.db')
}

export interface Child {
  readonly process: ChildProcess
  /** Its output, line by line. */
  readonly lines: AsyncIterable<string>
  /** Resolves when the process has exited. Rejects if it failed on its own. */
  readonly ended: Promise<void>
}

/** A separate process with a registry on the same file. */
export function startChild(orders: ChildOrders): Child {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', SCRIPT, JSON.stringify(orders)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const complaint = text(child.stderr)
  const ended = once(child, 'close').then(async ([code, signal]) => {
    if (code !== 0 && signal === null) throw new Error(`The process ended with ${code}: ${await complaint}`)
  })
  ended.catch(() => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended.catch(() => undefined)
  })
  return { process: child, lines: createInterface({ input: child.stdout }), ended }
}
