import { Command, Option } from 'commander'
import type { CliRuntime, ExitCode } from './cli-runtime.ts'
import type { CommonOptions } from './options.ts'

/** The arguments of every command's factory. */
export interface CliContext {
  readonly runtime: CliRuntime
  /** Sets the exit code (default: 0). */
  readonly exit: (code: ExitCode) => void
}

/** A usage error that commander cannot detect. */
export class UsageError extends Error {}

/** Headings of the help, in the order of `commands/index.ts`. */
export const GROUPS = { run: 'Run:', read: 'Read:', change: 'Change:' } as const

export interface CommandHelp {
  readonly group: keyof typeof GROUPS
  /** Command lines without `promptctl`. */
  readonly examples: readonly string[]
  /** Text below the options. */
  readonly notes?: string
}

/** A command without the common options, which `withCommonOptions` adds after its own. */
export function newCommand(name: string, description: string, help: CommandHelp): Command {
  const examples = help.examples.map((line) => `  promptctl ${line}`).join('\n')
  const notes = help.notes === undefined ? '' : `\n${help.notes}\n`
  return new Command(name)
    .description(description)
    .helpGroup(GROUPS[help.group])
    .addHelpText('after', `${notes}\nExample${help.examples.length > 1 ? 's' : ''}:\n${examples}`)
}

const common = (flags: string, text: string) => new Option(flags, text).helpGroup('Common options:')

/** The option for the format of the output. A command that has more formats adds it itself. */
export function outputOption(more: readonly NonNullable<CommonOptions['output']>[] = []): Option {
  return common('-o, --output <format>', "Output format; json and yaml print the API's documents")
    .choices(['table', 'wide', 'name', 'json', 'yaml', ...more])
    .default('table')
}

export function withCommonOptions(command: Command): Command {
  if (!command.options.some(({ long }) => long === '--output')) command.addOption(outputOption())
  return command
    .addOption(common('-c, --config <file>', 'Configuration file (default: promptctl.yaml in this folder)'))
    .addOption(
      common('--registry <url>', 'Use this registry, not the configured one (env: PROMPT_REGISTRY_URL)'),
    )
    .addOption(common('--no-headers', 'Print tables without the line of headings'))
    .addHelpOption(common('-h, --help', 'Show help'))
}

export function wantsJson(options: CommonOptions): boolean {
  return options.output === 'json' || options.output === 'yaml'
}
