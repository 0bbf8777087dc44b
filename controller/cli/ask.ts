import { createInterface } from 'node:readline'
import type { CliRuntime } from './cli-runtime.ts'
import { CommandError } from './failure.ts'
import { isTerminal } from './output.ts'

/** Asks on a terminal, and answers with the default elsewhere. */
export interface Questions {
  /** An empty answer is the default. Throws `CommandError` if the input ends. */
  ask(question: string, otherwise: string): Promise<string>
  close(): void
}

/** One reader for all questions: a second one would lose the lines that the first has read ahead. */
export function createQuestions(runtime: CliRuntime, { yes = false }: { readonly yes?: boolean }): Questions {
  const { stdin, stderr, signal } = runtime
  if (yes || !isTerminal(stdin)) return { ask: async (_question, otherwise) => otherwise, close: () => {} }
  // Without `terminal`, Ctrl-C stays a signal, which ends the command.
  const reader = createInterface({ input: stdin, terminal: false, signal })
  const lines = reader[Symbol.asyncIterator]()
  return {
    async ask(question, otherwise) {
      stderr.write(`${question}${otherwise === '' ? '' : ` [${otherwise}]`}: `)
      const { value, done } = await lines.next()
      if (done) throw new CommandError('not_confirmed', 'Nothing was changed.')
      return value.trim() || otherwise
    },
    close: () => reader.close(),
  }
}
