import type { PassInput } from '../pass/pass-input.ts'
import { troubleOf } from '../pass/trouble.ts'
import { runRound } from '../watch/run-round.ts'
import { slowLast } from '../watch/slow-last.ts'
import type { Repository } from '../wiring/repositories.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printNote } from './output.ts'

export interface SourceFailure {
  readonly source: string
  readonly code: string
  readonly message: string
  readonly cause: string | null
}

/** Runs `work` for each source of the repositories. A source that fails does not stop the others. */
export async function eachSource<T>(
  runtime: CliRuntime,
  repositories: readonly Repository[],
  work: (input: PassInput) => Promise<T>,
): Promise<{ readonly made: readonly T[]; readonly failed: readonly SourceFailure[] }> {
  const made: T[] = []
  const failed: SourceFailure[] = []
  const attempt = async (input: PassInput) => {
    try {
      made.push(await work(input))
    } catch (error) {
      runtime.signal.throwIfAborted()
      failed.push({ source: input.source.name, ...troubleOf(error) })
    }
  }
  await slowLast(repositories, ({ git, members }) => runRound(git, members, attempt))
  return { made, failed }
}

export function printFailure(runtime: CliRuntime, { source, code, message, cause }: SourceFailure): void {
  printNote(runtime, `error: ${source}: ${message} [${code}]`)
  if (cause !== null) printNote(runtime, `  cause: ${cause}`)
}
