import type { Oid } from '../oid.ts'
import type { GitCommand } from './command.ts'
import { createLineReader } from './lines.ts'

/** Walks the history from the tips, newest first, until all commits are found. One process for any number. */
export async function reachableFrom(
  git: GitCommand,
  directory: string,
  commits: readonly Oid[],
  tips: readonly Oid[],
  signal: AbortSignal,
): Promise<ReadonlySet<Oid>> {
  const sought = new Set(commits)
  const found = new Set<Oid>()
  if (sought.size === 0 || tips.length === 0) return found
  const readLines = createLineReader((line) => {
    if (sought.delete(line)) found.add(line)
  })
  const end = await git.end('local', ['--git-dir', directory, 'rev-list', '--stdin'], {
    input: tips.map((tip) => `${tip}\n`).join(''),
    signal,
    onOutput(chunk, stop) {
      readLines(chunk)
      if (sought.size === 0) stop()
    },
  })
  if (end.code !== 0 && end.killedBecause !== 'stopped')
    throw git.failure('local', 'walk the history', end, signal)
  return found
}
