import type { Command } from 'commander'
import type { PromptFile } from '../../../api/contract/reading/index.ts'
import type { PushRequest } from '../../../api/contract/registry-api.ts'
import { placedSentence } from '../../prompts/prompt-findings.ts'
import { secretDetector } from '../../prompts/secret-detector.ts'
import { findUnsafeText } from '../../prompts/text-safety.ts'
import { collect, given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import { CommandError } from '../failure.ts'
import { holdAfter } from '../hold-after.ts'
import { readPrompt } from '../input.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { pushed } from '../sentences.ts'

interface PushOptions extends CommonOptions, DryRunOptions {
  readonly version?: string
  readonly description?: string
  readonly tag?: readonly string[]
  readonly latest: boolean
  readonly allowUnsafeText?: boolean
  readonly override?: boolean
  readonly reason?: string
}

const NOTES = `The file is read like a file from git and gets the same version. Its front matter sets description, tags,
variables and config, and is not part of the content. Use --description and --tag for files without their own. Text with
credentials or hidden characters is refused.`

export function pushCommand({ runtime }: CliContext): Command {
  return newCommand('push', 'Push a file as a new draft, without git', {
    group: 'change',
    examples: ['push triage prompts/triage.md', 'push triage < triage.md'],
    notes: NOTES,
  })
    .argument('<id>', 'Prompt id')
    .argument('[file]', 'File to push; "-" for standard input', '-')
    .option('--version <version>', 'Label (default: made from the file)')
    .option('--description <text>', 'Description, if the file has none')
    .option('--tag <tag>', 'Tag, if the file has none; repeatable', collect)
    .option('--allow-unsafe-text', 'Push text with credentials or hidden characters')
    .option('--no-latest', 'Do not move "latest"')
    .option('--override', 'As an admin, change a prompt that a source owns, and freeze it')
    .option('--reason <text>', 'Reason to record in the events')
    .option(...DRY_RUN)
    .action(async (id: string, file: string, options: PushOptions) => {
      const read = await readPrompt(file, runtime)
      const request = requestOf(id, read, options)
      if (options.allowUnsafeText !== true) {
        await refuseUnsafe(file === '-' ? 'Standard input' : file, `${read.frontMatter}${read.content}`)
        await refuseUnsafe('--description', options.description ?? '')
        await refuseUnsafe('--tag', (options.tag ?? []).join(' '))
      }
      await withRegistry(options, runtime, useOf(options), async (api) => {
        const answer = await api.push(request)
        if (wantsJson(options)) return printJson(runtime, answer)
        printLine(
          runtime,
          resultOf(pushed(answer, options.latest, await holdAfter(api, id, options)), options),
        )
      })
    })
}

/** Screens text like the controller screens files from git. */
async function refuseUnsafe(what: string, text: string): Promise<void> {
  const unsafe = findUnsafeText(text, await secretDetector())
  if (unsafe.length === 0) return
  throw new CommandError(
    'invalid_text',
    `${what} has unsafe text, so nothing was pushed. ${placedSentence(unsafe)} If it belongs there, use --allow-unsafe-text.`,
  )
}

function requestOf(id: string, file: PromptFile, options: PushOptions): PushRequest {
  const { version, description, tag, override, reason, dryRun: dry_run } = options
  refuseBeside('description', description, file.description !== null)
  refuseBeside('tag', tag, file.tags.length > 0)
  const additions = given({ description, tags: tag && [...tag] })
  return {
    prompt_id: id,
    content: file.content,
    front_matter: file.frontMatter,
    format: file.format,
    template_language: file.templateLanguage,
    ...(Object.keys(additions).length > 0 && { additions }),
    latest: options.latest,
    ...given({ version, override, reason, dry_run }),
  }
}

/** The front matter wins, so a conflicting option must not pass silently. */
function refuseBeside(option: string, value: unknown, isInFile: boolean): void {
  if (value === undefined || !isInFile) return
  throw new UsageError(
    `The front matter of the file already has a ${option}. Change it there, or omit --${option}.`,
  )
}
