import type { Oid } from '../git-source.ts'
import type { GitCommand } from './command.ts'

/** Walks the history from `tip`, newest first, and stops as soon as all are found. One process for any number. */
export async function reachableFrom(
  git: GitCommand,
  directory: string,
  commits: readonly Oid[],
  tip: Oid,
  signal: AbortSignal,
): Promise<ReadonlySet<Oid>> {
  const sought = new Set(commits)
  const found = new Set<Oid>()
  if (sought.size === 0) return found
  let rest = ''
  const end = await git.end('local', ['--git-dir', directory, 'rev-list', '--end-of-options', tip], {
    signal,
    onOutput(chunk, stop) {
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (sought.delete(line)) found.add(line)
      if (sought.size === 0) stop()
    },
  })
  if (end.code !== 0 && end.killedBecause !== 'stopped')
    throw git.failure('local', 'walk the history', end, signal)
  return found
}
