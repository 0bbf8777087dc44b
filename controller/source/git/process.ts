import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { HttpAnswer } from './http-trace.ts'
import { type RemoteWatchOptions, TRACE_FD, watchRemote } from './remote-watch.ts'
import type { Silence } from './timeouts.ts'

export interface ProcessOptions {
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** How to detect a silent remote. Without it, a command has no timeout. */
  readonly watch?: RemoteWatchOptions
  /** Receives the output in chunks. `stop` ends git early, which counts as success. */
  readonly onOutput?: (chunk: Buffer, stop: () => void) => void
}

/** How a process ended. `code` is `null` if it was killed. */
export interface ProcessEnd {
  readonly code: number | null
  readonly killedBecause?: 'aborted' | 'stopped' | Silence
  readonly errors: string
  /** The last HTTP response, if any. */
  readonly http?: HttpAnswer | null
}

export interface GitProcess extends ChildProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/**
 * Runs git in its own process group and returns how it ended, after every process of the group has closed the
 * output: killing only `git` would leave its `git-remote-http` running. Throws only if git cannot be started.
 */
export async function runProcess(args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  if (options.signal?.aborted) return { code: null, killedBecause: 'aborted', errors: '' }
  const traced = options.watch !== undefined && options.watch.transport !== 'file'
  const child = spawnGroup(args, options.env, { traced })
  let killedBecause: ProcessEnd['killedBecause']
  const kill = (reason: NonNullable<ProcessEnd['killedBecause']>) => {
    killedBecause ??= reason
    killGroup(child)
  }
  const onAbort = () => kill('aborted')
  options.signal?.addEventListener('abort', onAbort)
  const trace = child.stdio[TRACE_FD] as Readable | undefined
  const watch = options.watch && watchRemote(options.watch, trace, kill)
  if (trace) endWithOutput(child, trace)

  const errors = tail(8192)
  child.stderr.on('data', (chunk: Buffer) => {
    watch?.heard()
    errors.add(chunk)
  })
  child.stdout.on('data', (chunk: Buffer) => {
    watch?.heard()
    if (killedBecause === undefined) options.onOutput?.(chunk, () => kill('stopped'))
  })
  feed(child, options.input)
  try {
    const code = await ended(child)
    const http = watch?.http() ?? null
    return { code, ...(killedBecause && { killedBecause }), errors: errors.text(), http }
  } finally {
    watch?.stop()
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * Starts git in its own process group, which is killed when this process exits normally. If it is traced, the
 * caller must read `TRACE_FD`, or git blocks.
 */
export function spawnGroup(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { traced = false }: { readonly traced?: boolean } = {},
): GitProcess {
  const stdio = Array<'pipe'>(traced ? TRACE_FD + 1 : TRACE_FD).fill('pipe')
  const child = spawn('git', [...args], { env: { ...env }, detached: true, stdio }) as GitProcess
  if (running.size === 0) process.on('exit', killAll)
  running.add(child)
  child.once('close', () => forget(child))
  child.once('error', () => forget(child))
  return child
}

export function killGroup(child: GitProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group has already ended.
  }
}

// One exit listener for all children: one each would trigger Node's listener warning.
const running = new Set<GitProcess>()

function killAll(): void {
  for (const child of running) killGroup(child)
}

function forget(child: GitProcess): void {
  running.delete(child)
  if (running.size === 0) process.off('exit', killAll)
}

function ended(child: GitProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // `close`, not `exit`: the helpers share git's pipes, so this waits for them too.
    child.once('close', resolve)
  })
}

/** Closes the trace after the output: a credential helper may leave a daemon that keeps the trace open. */
function endWithOutput({ stdout, stderr }: GitProcess, trace: Readable): void {
  let open = 2
  const onClose = () => {
    // Data in the pipe is read before this.
    if (--open === 0) setImmediate(() => trace.destroy())
  }
  stdout.once('close', onClose)
  stderr.once('close', onClose)
}

function feed(child: GitProcess, input = ''): void {
  // If git ends before it has read everything, stderr has the reason, and the broken pipe adds nothing.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
}

/** Keeps the last `limit` bytes, because the reason is at the end of git's output. */
function tail(limit: number): { add(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0)
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]).subarray(-limit)
    },
    text: () => kept.toString(),
  }
}
