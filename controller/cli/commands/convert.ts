import type { Command } from 'commander'
import { type CliContext, newCommand, UsageError } from '../context.ts'
import { CommandError } from '../failure.ts'
import { readText } from '../input.ts'
import { convertOpenAiPrompt } from '../openai-prompt.ts'
import type { CommonOptions } from '../options.ts'

interface ConvertOptions extends CommonOptions {
  readonly openai?: string
}

export function convertCommand({ runtime }: CliContext): Command {
  return newCommand('convert', 'Convert a prompt of another service to a prompt file', {
    group: 'read',
    examples: ['convert --openai exported.json > prompts/triage.prompt.yml'],
    notes: 'Prints the file. Needs no registry.',
  })
    .option('--openai <file>', 'Exported prompt of OpenAI, as JSON; "-" for standard input')
    .action(async ({ openai }: ConvertOptions) => {
      if (openai === undefined) throw new UsageError('Name the exported prompt: --openai FILE.')
      const converted = convertOpenAiPrompt(await readText(openai, runtime))
      if ('problem' in converted)
        throw new CommandError('invalid_text', `${openai} cannot be converted. ${converted.problem}`)
      runtime.stdout.write(converted.document)
    })
}
