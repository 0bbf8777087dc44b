import { Argument, type Command } from 'commander'
import type { CommandEntry } from '../command-entry.ts'
import { type CompletedCommand, completionScript, SHELLS, type Shell } from '../completion/script.ts'
import { type CliContext, newCommand, withCommonOptions } from '../context.ts'

const NOTES = `bash:  add   source <(promptctl completion bash)   to ~/.bashrc
zsh:   promptctl completion zsh > "\${fpath[1]}/_promptctl"
fish:  promptctl completion fish > ~/.config/fish/completions/promptctl.fish
It completes commands, options and their values, prompt ids and names of sources.`

/** `entries`: the commands to complete. */
export function completionCommand(entries: readonly CommandEntry[]): (context: CliContext) => Command {
  return (context) =>
    newCommand('completion', 'Print a script that completes promptctl in a shell', {
      group: 'run',
      examples: ['completion bash'],
      notes: NOTES,
    })
      .addArgument(new Argument('<shell>', 'Shell').choices(SHELLS))
      .action(async (shell: Shell, _options: unknown, command: Command) => {
        const made = await Promise.all(
          entries.map(async ({ load }) => withCommonOptions((await load())(context))),
        )
        context.runtime.stdout.write(
          completionScript(shell, made.map(describe), command.parent?.name() ?? 'promptctl'),
        )
      })
}

function describe(command: Command): CompletedCommand {
  const [first] = command.registeredArguments
  return {
    name: command.name(),
    description: command.description(),
    values:
      { id: 'prompts', reference: 'prompts', sources: 'sources', name: 'sources' }[first?.name() ?? ''] ??
      null,
    words: [...(first?.argChoices ?? []), ...command.commands.map((below) => below.name())],
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ long, description, argChoices, required }) => ({
        name: long ?? '',
        description,
        choices: argChoices ?? null,
        takesValue: required,
      })),
  }
}
