import { type Command, Option } from 'commander'
import type { PromptInput } from '../../../api/contract/reading/index.ts'
import type { ResolvedPrompt } from '../../../api/contract/registry-api.ts'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, printJson, printNote, withLines } from '../output.ts'
import { printTable } from '../table.ts'

interface GetCommandOptions extends CommonOptions {
  readonly mode?: string
  readonly version?: string
  readonly file?: boolean
  readonly sidecar?: string
  readonly messages?: boolean
  readonly inputs?: boolean
  readonly raw?: boolean
}

export function getCommand({ runtime }: CliContext): Command {
  return newCommand('get', "Print a prompt's text", {
    group: 'read',
    examples: ['get triage', 'get triage@1.3.0 --messages', 'get triage --mode dev > triage.txt'],
    notes:
      'A reference is an id, or an id and a version: triage, triage@1.3.0, triage_v1.3.0. A pipe or a file gets the text byte for byte; a terminal shows the code points of control and invisible characters.',
  })
    .argument('<reference>', 'Reference: an id, or an id with a pin')
    .option('--mode <mode>', 'Execution mode; simulation and dev include drafts')
    .option('--version <version>', 'Version, if the reference has no pin')
    .option('--file', 'Print the whole file, with its front matter')
    .addOption(
      new Option('--sidecar <name>', 'Print a file that belongs to the prompt file').conflicts('file'),
    )
    .addOption(new Option('--messages', 'Print the messages with their roles').conflicts(['file', 'sidecar']))
    .addOption(
      new Option('--inputs', 'List the values that the prompt needs').conflicts([
        ...['file', 'sidecar', 'messages'],
      ]),
    )
    .option('--raw', 'Print control and invisible characters to a terminal as they are')
    .action(async (reference: string, options: GetCommandOptions) => {
      const { mode, version, file, sidecar, messages, inputs, raw } = options
      const include = file || sidecar !== undefined ? 'file' : messages ? 'messages' : undefined
      const query = given({ mode, version, include })
      const prompt = await withRegistry(options, runtime, 'read', (api) => api.resolve(reference, query))
      if (wantsJson(options)) return printJson(runtime, prompt)
      if (prompt.moved_to != null)
        printNote(runtime, `"${prompt.prompt_id}" moved to "${prompt.moved_to}". Use the new id.`)
      if (inputs)
        return printTable(
          runtime,
          INPUT_HEADINGS,
          ((prompt.inputs ?? []) as readonly PromptInput[]).map(inputCells),
        )
      const text = textOf(prompt, options)
      if (!isTerminal(runtime.stdout)) return void runtime.stdout.write(text)
      runtime.stdout.write(raw ? text : withLines(text))
      // Or the shell's next line would begin in the middle of this one.
      if (!text.endsWith('\n')) runtime.stdout.write('\n')
    })
}

function textOf(prompt: ResolvedPrompt, { file, sidecar, messages }: GetCommandOptions): string {
  if (sidecar !== undefined) return sidecarOf(prompt, sidecar)
  if (file) return fileOf(prompt)
  return messages ? messagesOf(prompt) : prompt.content
}

/** Byte for byte as it is in git. */
function sidecarOf({ prompt_id, version, sidecars }: ResolvedPrompt, name: string): string {
  const texts = new Map(Object.entries(sidecars?.texts ?? {}))
  const text = texts.get(name)
  if (text !== undefined) return text
  const has = texts.size === 0 ? 'It has none' : `It has ${[...texts.keys()].join(', ')}`
  throw new CommandError('no_file', `Version ${version} of "${prompt_id}" has no sidecar "${name}". ${has}.`)
}

/** Byte for byte as it is in git. */
function fileOf({ prompt_id, version, file }: ResolvedPrompt): string {
  if (typeof file === 'string') return file
  throw new CommandError(
    'no_file',
    `Version ${version} of "${prompt_id}" was not pushed as a file; leave out --file to get its text.`,
  )
}

/** Each message below a line with its role. A prompt without messages is one text. */
function messagesOf({ prompt_id, messages, template, content, reading_problem }: ResolvedPrompt): string {
  if (typeof reading_problem === 'string')
    throw new CommandError(
      'no_messages',
      `The messages of "${prompt_id}" cannot be read: ${reading_problem} Leave out --messages to get its text.`,
    )
  if (messages == null) return template ?? content
  return messages.map(({ role, content: text }) => `${role}:\n${text ?? ''}`).join('\n\n')
}

const INPUT_HEADINGS = ['input', 'type', 'required', 'default', 'description']

function inputCells(input: PromptInput): readonly string[] {
  const { name, type, items, required, declared, description = '' } = input
  return [
    name,
    items === undefined ? type : `${type} of ${items}`,
    required ? 'yes' : 'no',
    input.default === undefined ? '' : JSON.stringify(input.default),
    declared === false ? 'used in the text, but not declared' : description,
  ]
}
