import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { installPromptctl } from './installed.ts'
import { largeRepository } from './large-repository.ts'

/** What one `promptctl sync` took. Linux only. */
export interface SyncCosts {
  readonly statements: number
  readonly processes: number
  /** Of this process, without git. */
  readonly cpuSeconds: number
  /** Of its git processes. */
  readonly gitSeconds: number
  /** From the start of the process to its end. */
  readonly seconds: number
  readonly megabytes: number
  readonly output: string
}

/** A new folder with a configuration of these sources. */
export async function homeOf(folder: string, sources: readonly object[]): Promise<string> {
  const home = await mkdtemp(join(folder, 'home-'))
  await writeFile(join(home, 'promptctl.yaml'), JSON.stringify({ sources }))
  return home
}

/** Runs `promptctl sync` in this folder, in a process of its own. */
export type Sync = (cwd: string) => Promise<SyncCosts>

/**
 * Builds promptctl into `folder`, as it is installed, and starts it once, so that its compiled code is kept from then on
 * as on the machine of a user.
 */
export async function builtSync(folder: string): Promise<Sync> {
  const { root, bin, env: installed } = await installPromptctl(folder)
  const costs = fileURLToPath(new URL('sync-costs.js', import.meta.url))
  const env = { ...installed, SYNC_COSTS: join(root, 'costs.json') }
  const quiet = '--disable-warning=ExperimentalWarning'
  const args = [quiet, '--import', costs, bin, 'sync']

  const sync: Sync = async (cwd) => {
    const start = performance.now()
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = Promise.all([text(child.stdout), text(child.stderr)])
    const [code] = await once(child, 'close')
    const seconds = (performance.now() - start) / 1000
    const all = (await output).join('')
    if (code !== 0) throw new Error(all)
    return { ...JSON.parse(await readFile(env.SYNC_COSTS, 'utf8')), seconds, output: all }
  }
  const repository = await largeRepository(join(root, 'one'), { prompts: 1 })
  await sync(await homeOf(root, [{ name: 'one', repository }]))
  return sync
}
