import { execFile } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { promisify } from 'node:util'

/** One line about the machine, the versions and the time, such as `2026-11-29, 2 cores, … load 0.1`. */
export async function machine(now = new Date()): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['--version'])
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return [
    now.toISOString().slice(0, 10),
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    `git ${/\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown'}`,
    `SQLite ${process.versions.sqlite}`,
    `load before ${load}`,
  ].join(', ')
}
