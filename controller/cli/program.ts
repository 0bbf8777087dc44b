import { Command } from 'commander'
import type { CliRuntime, ExitCode } from './cli-runtime.ts'
import type { CommandEntry } from './command-entry.ts'
import { commandFirst } from './command-first.ts'
import { COMMANDS } from './commands/index.ts'
import { type CliContext, withCommonOptions } from './context.ts'
import { CommandError, tellFailure } from './failure.ts'
import { typedHints } from './hints.ts'
import { plainLook, setLook } from './look.ts'
import { packageVersion } from './package-version.ts'
import { watchWriting } from './written.ts'

/** Runs `promptctl` and returns its exit code. Writes errors to stderr. */
export async function runCli(args: readonly string[], runtime: CliRuntime): Promise<ExitCode> {
  const output = watchWriting(runtime.stdout)
  // Ignored: a failure of stderr itself cannot be reported.
  watchWriting(runtime.stderr)
  const code = await runProgram(args, runtime)
  const failure = await output.done()
  if (failure === undefined) return code
  return tellFailure(
    new CommandError('output_failed', `The output could not be written: ${failure.message}`),
    runtime,
  )
}

async function runProgram(args: readonly string[], runtime: CliRuntime): Promise<ExitCode> {
  let code: ExitCode = 0
  const look = plainLook()
  const looking = { ...runtime, look }
  const context: CliContext = { runtime: looking, exit: (chosen) => (code = chosen) }
  try {
    const ordered = commandFirst(args)
    const program = await programOf(context, neededFor(ordered))
    program.hook('preAction', async (_program, action) => await setLook(look, action.opts()))
    await program.parseAsync(ordered, { from: 'user' })
    return code
  } catch (error) {
    const failed = tellFailure(error, looking)
    // There, 2 means that there are changes.
    return failed !== 0 && args.includes('--detailed-exitcode') ? 1 : failed
  }
}

/** The command that the arguments name; all of them for the help, and for an error that suggests one. */
function neededFor([name]: readonly string[]): readonly CommandEntry[] {
  const named = COMMANDS.filter((entry) => entry.name === name)
  return named.length > 0 ? named : COMMANDS
}

async function programOf(context: CliContext, entries: readonly CommandEntry[]): Promise<Command> {
  const { stdout, stderr } = context.runtime
  const program = new Command('promptctl')
    .description('Sync prompts from git to a registry, and serve them to agents.')
    .version(packageVersion(), '-V, --version', 'Show the version of promptctl')
    .helpOption('-h, --help', 'Show help')
    .addHelpCommand(
      new Command('help').argument('[command]').description('Show help for a command').helpGroup('Help:'),
    )
    // --version after a command is a version of a prompt.
    .enablePositionalOptions()
    .showHelpAfterError('Run it with --help to show its usage.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(typedHints(text, context.runtime)),
      writeErr: (text) => stderr.write(typedHints(text, context.runtime)),
    })
    .addHelpText('after', '\n"promptctl help get" shows the options of "get".')
  for (const make of await Promise.all(entries.map(({ load }) => load()))) {
    const command = withCommonOptions(make(context).copyInheritedSettings(program))
    for (const below of command.commands) below.copyInheritedSettings(program)
    program.addCommand(command)
  }
  return program
}
