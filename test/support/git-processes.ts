import type { ChildProcess } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { onTestFinished } from 'vitest'

/** The commands of the git processes that this process has started since, such as `fetch`. Reading empties the list. */
export function watchGitProcesses(): () => string[] {
  const started: ChildProcess[] = []
  // Its arguments are known only after the event.
  const note = (message: unknown) => started.push((message as { process: ChildProcess }).process)
  diagnostics.subscribe('child_process', note)
  onTestFinished(() => void diagnostics.unsubscribe('child_process', note))
  return () => started.splice(0).flatMap(({ spawnargs }) => spawnargs.find((arg) => COMMANDS.has(arg)) ?? [])
}

const COMMANDS = new Set([
  ...['ls-remote', 'init', 'fetch', 'cat-file', 'update-ref', 'for-each-ref'],
  ...['rev-parse', 'rev-list', 'pack-refs', 'repack', 'ls-tree'],
])
