import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SyncCosts } from './growth-sync.ts'

/** A new folder with a configuration of these sources. */
export async function homeOf(folder: string, sources: readonly object[]): Promise<string> {
  const home = await mkdtemp(join(folder, 'home-'))
  await writeFile(join(home, 'promptctl.yaml'), JSON.stringify({ sources }))
  return home
}

/** Runs `promptctl sync` there, in a process of its own. */
export async function sync(cwd: string): Promise<SyncCosts> {
  const entry = fileURLToPath(new URL('growth-sync.ts', import.meta.url))
  const child = fork(entry, { cwd, execArgv: ['--disable-warning=ExperimentalWarning'] })
  const ended = once(child, 'exit')
  const [result] = (await once(child, 'message')) as [SyncCosts]
  await ended
  if (result.code !== 0) throw new Error(result.output)
  return result
}
