import { Command } from 'commander'
import { COMMANDS } from './commands/index.ts'
import { type CliContext, withCommonOptions } from './context.ts'
import { CommandError, tellFailure } from './failure.ts'
import { packageVersion } from './package-version.ts'
import type { ExitCode, World } from './world.ts'
import { watchWriting } from './written.ts'

/** Runs `promptctl` with these arguments and gives its exit code. Writes errors to stderr, with the next move. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  const output = watchWriting(world.stdout)
  // Nobody is left to be told when stderr itself fails.
  watchWriting(world.stderr)
  const code = await runProgram(args, world)
  const failure = await output.done()
  if (failure === undefined) return code
  return tellFailure(
    new CommandError('output_failed', `The output could not be written: ${failure.message}`),
    world,
  )
}

async function runProgram(args: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = 0
  const context: CliContext = { world, exit: (told) => (code = told) }
  try {
    await programOf(context).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return tellFailure(error, world)
  }
}

function programOf(context: CliContext): Command {
  const { stdout, stderr } = context.world
  const program = new Command('promptctl')
    .description('Prompts from git to a registry, and from there to agents.')
    .version(packageVersion(), '-V, --version', 'print the version of promptctl')
    .helpOption('-h, --help', 'tell how it is used')
    .addHelpCommand(
      new Command('help').argument('[command]').description('tell how a command is used').helpGroup('Help:'),
    )
    // A command's own --version names a version of a prompt.
    .enablePositionalOptions()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .addHelpText('after', '\nOptions come after the command; "promptctl help get" tells those of "get".')
  for (const make of COMMANDS)
    program.addCommand(withCommonOptions(make(context).copyInheritedSettings(program)))
  return program
}
