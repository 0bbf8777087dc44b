import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { busyRepository, contentsOf, serve } from './kill.ts'
import { scratchFolder } from './scratch.ts'

/**
 * Kills `serve` at random times during a first sync, restarts it, and compares the result with an undisturbed run,
 * until enough kills have hit a running sync.
 */
export async function killRounds(wanted: number): Promise<void> {
  const folder = await scratchFolder()
  const repository = await busyRepository(join(folder, 'upstream'))
  const undisturbed = join(folder, 'undisturbed')
  const syncMs = await syncToTheEnd(undisturbed, repository)
  const expected = contentsOf(undisturbed)

  for (let hits = 0, round = 0; hits < wanted; round++) {
    const disturbed = join(folder, `round-${round}`)
    if (await killAfter(disturbed, repository, Math.random() * syncMs)) hits++
    await syncToTheEnd(disturbed, repository)
    expect(contentsOf(disturbed), `round ${round}`).toEqual(expected)
  }
}

/** Serves until the first pass is reported, shuts down cleanly, and returns how long the pass took. */
async function syncToTheEnd(folder: string, repository: string): Promise<number> {
  const serving = await serve(folder, repository)
  await serving.listening
  const start = performance.now()
  expect(await serving.firstPass).toMatch(/(^| {2})demo: (synced|unchanged)/)
  const took = performance.now() - start
  serving.kill('SIGTERM')
  expect(await serving.ended).toEqual({ code: 0, signal: null })
  return took
}

/** Returns whether the process was killed before its first pass ended. */
async function killAfter(folder: string, repository: string, ms: number): Promise<boolean> {
  const serving = await serve(folder, repository)
  await serving.listening
  const done = await Promise.race([serving.firstPass.then(() => true), pause(ms, false)])
  serving.kill('SIGKILL')
  expect((await serving.ended).signal).toBe('SIGKILL')
  return !done
}
