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

/** A command with the options that all of them take. */
export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('-c, --config <file>', 'configuration (default: promptctl.yaml in this folder)'))
    .addOption(
      new Option('--registry <url>', 'registry to use instead of the configured one (PROMPT_REGISTRY_URL)'),
    )
    .addOption(
      new Option('-o, --output <format>', "json gives the API's own documents")
        .choices(['table', 'json'])
        .default('table'),
    )
}

export function wantsJson(options: CommonOptions): boolean {
  return options.output === 'json'
}
