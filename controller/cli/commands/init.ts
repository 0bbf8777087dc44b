import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parseConfig } from '../../configuration/config.ts'
import { createQuestions, type Questions } from '../ask.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import { detectLayout } from '../init/detect-layout.ts'
import { detectReleases } from '../init/detect-releases.ts'
import { explain, similarNames } from '../init/explain.ts'
import { credentialsOf, type ReadRepository, readRepository, settingsOf } from '../init/read-repository.ts'
import { type NewSource, withSource } from '../init/write-source.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine, printParagraph } from '../output.ts'

interface InitOptions extends CommonOptions {
  readonly name?: string
  readonly branch?: string
  readonly directory?: readonly string[]
  readonly idPrefix?: string
  readonly passwordEnv?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
}

const NOTES = `Reads the files and tags of the repository, suggests directories, formats and release patterns, explains why, and
adds the source to promptctl.yaml, which it creates if needed. Comments of an existing file are kept. On a terminal
it asks for what the options leave open.`

export function initCommand({ runtime }: CliContext): Command {
  return newCommand('init', 'Add a repository to promptctl.yaml', {
    group: 'run',
    examples: [
      'init',
      'init https://github.com/acme/support-prompts.git',
      'init ../prompts --name support --yes',
    ],
    notes: NOTES,
  })
    .argument('[repository]', 'URL or local path of the repository')
    .option('--name <name>', 'Name of the source (default: from the repository)')
    .option('--branch <branch>', "Branch to track (default: the repository's own)")
    .option('--directory <path...>', 'Directories with prompts (default: detected)')
    .option('--id-prefix <prefix>', 'Prefix of every prompt id, such as support/')
    .option('--password-env <variable>', 'Environment variable with the password or access token')
    .option('--yes', 'Ask nothing')
    .option('--dry-run', 'Print the configuration instead of writing it')
    .action(async (repository: string | undefined, options: InitOptions) => {
      const questions = createQuestions(runtime, options)
      try {
        await addSource(
          repository ?? (await questions.ask('Repository (URL or path)', '.')),
          questions,
          options,
          runtime,
        )
      } finally {
        questions.close()
      }
    })
}

async function addSource(
  repository: string,
  questions: Questions,
  options: InitOptions,
  runtime: CliRuntime,
): Promise<void> {
  const file = resolve(runtime.cwd, options.config ?? 'promptctl.yaml')
  const read = await readRepository(repository, options, runtime)
  const source = await chosen(repository, read, questions, options, runtime)
  const before = await readFile(file, 'utf8').catch(() => null)
  const text = withSource(before, source, file)
  const config = parseConfig(text, file)
  if (options.dryRun !== true) await writeFile(file, text)
  if (wantsJson(options)) return printJson(runtime, { file, source, config: text })
  explain(runtime, read, config.sources.at(-1))
  if (options.dryRun === true) return printParagraph(runtime, `\n${text.trimEnd()}`)
  printLine(runtime, `${before === null ? 'Wrote' : 'Added the source to'} ${file}.`)
  if (before === null) for (const line of similarNames(file)) printLine(runtime, line)
  printLine(runtime, 'Next: "promptctl plan" shows what would come in, "promptctl serve" keeps it in sync.')
}

async function chosen(
  repository: string,
  read: ReadRepository,
  questions: Questions,
  options: InitOptions,
  runtime: CliRuntime,
): Promise<NewSource> {
  const layout = detectLayout(read.entries.map(({ path }) => path))
  if (layout === null && options.directory === undefined)
    throw new CommandError(
      'nothing_found',
      `No file on the branch ${read.branch} looks like a prompt. Name the directories with --directory.`,
    )
  const name = options.name ?? (await questions.ask('Name of the source', nameFrom(repository, runtime)))
  const suggested = (options.directory ?? layout?.directories ?? ['prompts']).join(' ')
  const asked = options.directory?.join(' ') ?? (await questions.ask('Directories with prompts', suggested))
  const directories = asked.split(/[\s,]+/).filter((one) => one !== '')
  const idPrefix = options.idPrefix ?? (await questions.ask('Prefix of the ids, such as support/', ''))
  const { include = [], exclude = [] } =
    detectLayout(read.entries.map(({ path }) => path).filter(isIn(directories))) ?? layout ?? {}
  const { patterns } = detectReleases(read.tags, settingsOf({ name, repository }, runtime).releases)
  const source: NewSource = {
    ...{ name, repository, branch: options.branch },
    ...{
      directories,
      include: include.length === 0 ? ['**/*.txt', '**/*.md'] : include,
      exclude,
      releases: patterns,
    },
    ...{ idPrefix: idPrefix === '' ? undefined : idPrefix },
    ...credentialsOf(options.passwordEnv),
  }
  settingsOf(source, runtime)
  return source
}

function isIn(directories: readonly string[]): (path: string) => boolean {
  return (path) => directories.some((one) => one === '.' || path.startsWith(`${one.replace(/\/$/, '')}/`))
}

/** The last segment of the address, as a valid name. */
function nameFrom(repository: string, { cwd }: CliRuntime): string {
  const address = /^[^/]*:/.test(repository) ? repository : resolve(cwd, repository)
  const last =
    address
      .replace(/(\.git)?\/*$/, '')
      .split(/[/:]/)
      .at(-1) ?? ''
  return (
    last
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64) || 'prompts'
  )
}
