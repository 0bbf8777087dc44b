import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config.ts'
import { COMMANDS } from './commands/index.ts'
import { type CliContext, UsageError } from './context.ts'
import type { ExitCode, World } from './world.ts'

/** Runs `promptctl` with these arguments and gives its exit code. Writes errors to stderr, with the next move. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = 0
  const context: CliContext = { world, exit: (told) => (code = told) }
  try {
    await programOf(context).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return failed(error, world)
  }
}

function programOf(context: CliContext): Command {
  const { stdout, stderr } = context.world
  const program = new Command('promptctl')
    .description('Prompts from git to a registry, and from there to agents.')
    .helpCommand(true)
    .showHelpAfterError('Run it with --help to see how it is used.')
  for (const make of COMMANDS) program.addCommand(make(context))
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
  }
  return program
}

function failed(error: unknown, { stderr, signal }: World): ExitCode {
  // Commander has written what there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (signal.aborted) return 1
  const { code, message } = error as { code?: unknown; message?: string }
  stderr.write(`error: ${message ?? String(error)}${typeof code === 'string' ? ` [${code}]` : ''}\n`)
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1
}
