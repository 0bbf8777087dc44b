import type { Oid } from '../oid.ts'
import type { GitCommand } from './command.ts'

/** The newest common ancestor. If there are several, one of them. */
export async function mergeBase(
  git: GitCommand,
  directory: string,
  [a, b]: readonly [Oid, Oid],
  signal: AbortSignal,
): Promise<Oid | null> {
  let output = ''
  const end = await git.end('local', ['--git-dir', directory, 'merge-base', '--end-of-options', a, b], {
    signal,
    onOutput: (chunk) => (output += chunk.toString('latin1')),
  })
  if (end.code === 0) return output.trim()
  if (end.code === 1) return null
  throw git.failure('local', 'find the merge base', end, signal)
}
