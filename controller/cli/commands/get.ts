import type { Command } from 'commander'
import type { ResolvedPrompt } from '../../../api/contract/registry-api.ts'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson, withLines } from '../output.ts'

interface GetCommandOptions extends CommonOptions {
  readonly mode?: string
  readonly version?: string
  readonly file?: boolean
  readonly raw?: boolean
}

export function getCommand({ runtime }: CliContext): Command {
  return newCommand('get', "Print a prompt's text", {
    group: 'read',
    examples: ['get triage', 'get triage@1.3.0', 'get triage --mode dev > triage.txt'],
    notes:
      'A reference is an id, or an id and a version: triage, triage@1.3.0, triage_v1.3.0. A pipe or a file gets the text byte for byte; a terminal shows the code points of control and invisible characters.',
  })
    .argument('<reference>', 'Reference: an id, or an id with a pin')
    .option('--mode <mode>', 'Execution mode; simulation and dev include drafts')
    .option('--version <version>', 'Version, if the reference has no pin')
    .option('--file', 'Print the whole file, with its front matter')
    .option('--raw', 'Print control and invisible characters to a terminal as they are')
    .action(async (reference: string, options: GetCommandOptions) => {
      const { mode, version, file, raw } = options
      const query = given({ mode, version, front_matter: file === true ? ('true' as const) : undefined })
      const prompt = await withRegistry(options, runtime, 'read', (api) => api.resolve(reference, query))
      if (wantsJson(options)) return printJson(runtime, prompt)
      const text = file ? fileOf(prompt) : prompt.content
      if (!isTerminal(runtime.stdout)) return void runtime.stdout.write(text)
      runtime.stdout.write(raw ? text : withLines(text))
      // Or the shell's next line would begin in the middle of this one.
      if (!text.endsWith('\n')) runtime.stdout.write('\n')
    })
}

/** Byte for byte as it is in git. */
function fileOf({ prompt_id, version, content, front_matter }: ResolvedPrompt): string {
  if (typeof front_matter === 'string') return front_matter + content
  throw new CommandError(
    'no_file',
    `Version ${version} of "${prompt_id}" was not pushed as a file; leave out --file to get its text.`,
  )
}
