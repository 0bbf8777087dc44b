import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

export interface ProcessOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** How long git may say nothing at all, in milliseconds; without it, for ever. */
  readonly silenceMs?: number
  /** Takes the output as it comes; `stop` ends git early, which then counts as success. */
  readonly onOutput?: (chunk: Buffer, stop: () => void) => void
}

/** How a process ended. `code` is null when it was killed. */
export interface ProcessEnd {
  readonly code: number | null
  readonly killedBecause?: 'aborted' | 'silent' | 'stopped'
  readonly errors: string
}

/**
 * Runs git in a process group of its own and gives how it ended, once every process of the group has let go of
 * the output: killing `git` alone leaves its `git-remote-http` behind. Throws only when git cannot be started.
 */
export async function runProcess(args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  if (options.signal?.aborted) return { code: null, killedBecause: 'aborted', errors: '' }
  const child = spawnGroup(args, options.env, options.cwd)
  let killedBecause: ProcessEnd['killedBecause']
  const kill = (reason: NonNullable<ProcessEnd['killedBecause']>) => {
    killedBecause ??= reason
    killGroup(child)
  }
  const onAbort = () => kill('aborted')
  options.signal?.addEventListener('abort', onAbort)
  const silence = options.silenceMs ? setTimeout(() => kill('silent'), options.silenceMs) : undefined
  const heard = () => silence?.refresh()

  const errors = tail(8192)
  child.stderr.on('data', (chunk: Buffer) => {
    heard()
    errors.add(chunk)
  })
  child.stdout.on('data', (chunk: Buffer) => {
    heard()
    if (killedBecause === undefined) options.onOutput?.(chunk, () => kill('stopped'))
  })
  feed(child, options.input)
  try {
    const code = await ended(child)
    return { code, ...(killedBecause && { killedBecause }), errors: errors.text() }
  } finally {
    clearTimeout(silence)
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/** A git that dies with its group, and with this process when that ends in good order. */
export function spawnGroup(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): ChildProcessWithoutNullStreams {
  const child = spawn('git', [...args], { env: { ...env }, cwd, detached: true, stdio: 'pipe' })
  if (running.size === 0) process.on('exit', killAll)
  running.add(child)
  child.once('close', () => forget(child))
  child.once('error', () => forget(child))
  return child
}

export function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

// One exit listener for all children: one each would trip Node's listener warning.
const running = new Set<ChildProcessWithoutNullStreams>()

function killAll(): void {
  for (const child of running) killGroup(child)
}

function forget(child: ChildProcessWithoutNullStreams): void {
  running.delete(child)
  if (running.size === 0) process.off('exit', killAll)
}

function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // `close`, not `exit`: the helpers share git's pipes, so this waits for them too.
    child.once('close', resolve)
  })
}

function feed(child: ChildProcessWithoutNullStreams, input = ''): void {
  // A git that ends before it has read everything says why on stderr; the broken pipe adds nothing.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
}

/** Keeps the last `limit` bytes: the reason stands at the end of git's output. */
function tail(limit: number): { add(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0)
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]).subarray(-limit)
    },
    text: () => kept.toString(),
  }
}
