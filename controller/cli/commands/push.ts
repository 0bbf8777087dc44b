import type { Command } from 'commander'
import type { PushRequest } from '../../../api/contract/registry-api.ts'
import type { PromptText } from '../../desired/prompt-text.ts'
import { collect, given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { holdAfter } from '../hold-after.ts'
import { readPrompt } from '../input.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { pushed } from '../sentences.ts'

interface PushOptions extends CommonOptions {
  readonly version?: string
  readonly description?: string
  readonly tag?: readonly string[]
  readonly latest: boolean
  readonly override?: boolean
  readonly reason?: string
}

const NOTES = `The text is read as the controller reads a file of git, so it gets the same version: YAML front matter
(a mapping between two "---" lines at the start) gives description, tags and variables, its other keys are the
version's config, and none of it is part of the text. --description and --tag win over the front matter.`

export function pushCommand({ world }: CliContext): Command {
  return newCommand('push', 'push a text as a new draft, without git', {
    group: 'change',
    examples: ['push triage prompts/triage.md', 'push triage < triage.md'],
    notes: NOTES,
  })
    .argument('<id>', 'id of the prompt')
    .argument('[file]', 'file with the text; "-" is standard input', '-')
    .option('--version <version>', 'label (default: made from the text)')
    .option('--description <text>', 'what the prompt is for')
    .option('--tag <tag>', 'a tag; may be repeated', collect)
    .option('--no-latest', 'leave "latest" where it is')
    .option('--override', 'as an admin, act on a prompt that a source owns; freezes it')
    .option('--reason <text>', 'for the events')
    .action(async (id: string, file: string, options: PushOptions) => {
      const request = requestOf(id, await readPrompt(file, world), options)
      await withRegistry(options, world, 'write', async (api) => {
        const answer = await api.push(request)
        if (wantsJson(options)) return printJson(world, answer)
        printLine(world, pushed(answer, options.latest, await holdAfter(api, id, options.override)))
      })
    })
}

function requestOf(id: string, text: PromptText, options: PushOptions): PushRequest {
  const { version, override, reason } = options
  const tags = options.tag ?? (text.tags.length === 0 ? undefined : text.tags)
  return {
    prompt_id: id,
    content: text.content,
    latest: options.latest,
    ...given({
      version,
      variables: (text.variables ?? undefined) as PushRequest['variables'],
      config: (text.config ?? undefined) as PushRequest['config'],
      description: options.description ?? text.description ?? undefined,
      tags: tags && [...tags],
      override,
      reason,
    }),
  }
}
