import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson } from '../output.ts'

interface GetOptions extends CommonOptions {
  readonly mode?: string
  readonly version?: string
}

export function getCommand({ world }: CliContext): Command {
  return newCommand('get', 'print the text that a reference gives, byte for byte', {
    group: 'read',
    examples: ['get triage', 'get triage@1.3.0', 'get triage --mode dev > triage.txt'],
    notes: 'A reference is an id, or an id and a version: triage, triage@1.3.0, triage_v1.3.0.',
  })
    .argument('<reference>', 'what an agent would ask for')
    .option('--mode <mode>', 'simulation and dev see drafts, staging and production do not')
    .option('--version <version>', 'the version, instead of one in the reference')
    .action(async (reference: string, options: GetOptions) => {
      const query = given({ mode: options.mode, version: options.version })
      const prompt = await withRegistry(options, world, 'read', (api) => api.resolve(reference, query))
      if (wantsJson(options)) return printJson(world, prompt)
      world.stdout.write(prompt.content)
      // Or the shell's next line would begin in the middle of this one.
      if (isTerminal(world.stdout) && !prompt.content.endsWith('\n')) world.stdout.write('\n')
    })
}
