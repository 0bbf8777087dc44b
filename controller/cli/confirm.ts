import { createInterface } from 'node:readline/promises'
import type { CliRuntime } from './cli-runtime.ts'
import { CommandError } from './failure.ts'
import { isTerminal, printNote } from './output.ts'

/** Asks for confirmation of an irreversible action, only on a terminal. Throws `CommandError` if declined. */
export async function confirm(
  { stdin, stderr, signal, env }: Pick<CliRuntime, 'stdin' | 'stderr' | 'signal' | 'env'>,
  question: string,
  { yes = false }: { readonly yes?: boolean | undefined },
): Promise<void> {
  if (yes || !isTerminal(stdin)) return
  printNote({ stderr, env }, question)
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    const answer = terminal.question('Type "yes" to continue: ', { signal })
    // Ctrl-D closes it without an answer.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    if ((await Promise.race([answer, closed])).trim() === 'yes') return
  } finally {
    terminal.close()
  }
  throw new CommandError('not_confirmed', 'Nothing was changed.')
}
