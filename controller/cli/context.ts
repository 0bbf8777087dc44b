import { Command, Option } from 'commander'
import type { CommonOptions } from './options.ts'
import type { ExitCode, World } from './world.ts'

/** What the file of a command is given. */
export interface CliContext {
  readonly world: World
  /** Says how the command ended; without a word it ended well. */
  readonly exit: (code: ExitCode) => void
}

/** A wrong use that only the command itself can see. */
export class UsageError extends Error {}

/** Headings of the help, in the order of `commands/index.ts`. */
export const GROUPS = { run: 'Run:', read: 'Look:', change: 'Change:' } as const

export interface CommandHelp {
  readonly group: keyof typeof GROUPS
  /** What a user would type, without `promptctl`. */
  readonly examples: readonly string[]
  /** What the options do not say. */
  readonly notes?: string
}

/** A command without the options that all of them take; `withCommonOptions` adds those after its own. */
export function newCommand(name: string, description: string, help: CommandHelp): Command {
  const examples = help.examples.map((line) => `  promptctl ${line}`).join('\n')
  const notes = help.notes === undefined ? '' : `\n${help.notes}\n`
  return new Command(name)
    .description(description)
    .helpGroup(GROUPS[help.group])
    .addHelpText('after', `${notes}\nExample${help.examples.length > 1 ? 's' : ''}:\n${examples}`)
}

export function withCommonOptions(command: Command): Command {
  const common = (flags: string, text: string) => new Option(flags, text).helpGroup('Common options:')
  return command
    .addOption(common('-c, --config <file>', 'configuration (default: promptctl.yaml in this folder)'))
    .addOption(
      common('--registry <url>', 'registry to use instead of the configured one (PROMPT_REGISTRY_URL)'),
    )
    .addOption(
      common('-o, --output <format>', "json gives the API's own documents")
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpOption(common('-h, --help', 'tell how it is used'))
}

export function wantsJson(options: CommonOptions): boolean {
  return options.output === 'json'
}
