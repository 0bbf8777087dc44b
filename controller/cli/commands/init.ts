import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { parseConfig, type SourceConfig } from '../../configuration/config.ts'
import { SourceSchema } from '../../configuration/source-schema.ts'
import { sourceType } from '../../configuration/source-type.ts'
import { createTreeReader } from '../../prompts/read-tree.ts'
import type { PromptTree } from '../../prompts/tree.ts'
import { publicRepository } from '../../source/public-repository.ts'
import { WHOLE_TREE } from '../../source/tree-scope.ts'
import { GIT_HOSTS } from '../../wiring/git-hosts.ts'
import { given } from '../arguments.ts'
import { createQuestions, type Questions } from '../ask.ts'
import { fewNames } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import { detectLayout } from '../init/detect-layout.ts'
import { detectReleases } from '../init/detect-releases.ts'
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
  printLine(runtime, 'Next: "promptctl plan" shows what would come in, "promptctl serve" keeps it in sync.')
}

interface ReadRepository {
  readonly branch: string
  readonly commit: string
  readonly tags: readonly string[]
  readonly entries: Parameters<ReturnType<typeof createTreeReader>>[0]
}

async function readRepository(
  repository: string,
  options: InitOptions,
  runtime: CliRuntime,
): Promise<ReadRepository> {
  const { branch, passwordEnv } = options
  const source = settingsOf(
    { name: 'init', repository, ...given({ branch }), ...credentialsOf(passwordEnv) },
    runtime,
  )
  const cacheDir = await mkdtemp(join(tmpdir(), 'promptctl-init-'))
  try {
    const git = GIT_HOSTS[sourceType(source, runtime)].open(source, {
      ...{ cacheDir, isReleaseBranch: undefined, runtime, gitHubCache: undefined },
    })
    const listing = await git.listRefs(runtime.signal)
    const snapshot = await git.open(listing, runtime.signal)
    try {
      const entries = await snapshot.tree(listing.commit, WHOLE_TREE)
      return { ...listing, tags: listing.tags.map(({ name }) => name), entries }
    } finally {
      await snapshot.close()
    }
  } finally {
    await rm(cacheDir, { recursive: true, force: true })
  }
}

/** Throws `UsageError`. */
function settingsOf(source: NewSource, { cwd }: CliRuntime): SourceConfig {
  const parsed = SourceSchema.safeParse(source)
  if (!parsed.success)
    throw new UsageError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    )
  const isRemote = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/|[^/]+:)/.test(source.repository)
  return { ...parsed.data, repository: isRemote ? source.repository : resolve(cwd, source.repository) }
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

function credentialsOf(passwordEnv: string | undefined): Pick<NewSource, 'credentials'> {
  return passwordEnv === undefined ? {} : { credentials: { passwordEnv } }
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

const FEW = 3

/** The finds, and why they were chosen. */
function explain(runtime: CliRuntime, read: ReadRepository, source: SourceConfig | undefined): void {
  if (source === undefined) return
  const tree = createTreeReader(source)(read.entries)
  const layout = detectLayout(read.entries.map(({ path }) => path))
  const releases = detectReleases(read.tags, source.releases)
  const files = `${read.entries.length} files, ${read.tags.length} tags`
  printLine(
    runtime,
    `${publicRepository(source.repository)}, branch ${read.branch} at ${read.commit.slice(0, 12)}: ${files}`,
  )
  const isDetected = layout !== null && layout.directories.join() === source.directories.join()
  const rows = [
    ['directories', source.directories.join(', '), isDetected ? layout.reason : 'as you chose'],
    [
      'include',
      source.include.join(', '),
      layout?.formats.map(([extension, count]) => `${count} ${extension}`).join(', ') ?? '',
    ],
    ['releases', source.releases.join(', '), releasesReason(releases)],
    ['prompts', String(tree.files.length), examplesOf(tree, source)],
    ...leftOut(tree),
  ]
  for (const [name = '', value = '', why = ''] of rows)
    printLine(runtime, `  ${name.padEnd(12)} ${value}${why === '' ? '' : `  (${why})`}`)
}

function releasesReason({ matched, total, unmatched }: ReturnType<typeof detectReleases>): string {
  if (total === 0) return 'the defaults: there are no tags yet'
  const rest = unmatched.length === 0 ? '' : `; not ${fewNames(unmatched)}`
  return `${matched} of ${total} tags match${rest}`
}

/** How a path becomes an id, by example. A prefix that repeats a folder is easily overlooked. */
function examplesOf({ files }: PromptTree, { idPrefix }: SourceConfig): string {
  const twice = idPrefix === '' ? undefined : files.find(({ id }) => id.startsWith(idPrefix + idPrefix))
  const [first] = files
  const shown = twice ?? first
  if (shown === undefined) return 'none: correct the directories'
  const warning =
    twice === undefined
      ? ''
      : `, since its folder is named like the prefix: leave out the prefix, or add the folder to the directories`
  return `${shown.path} becomes ${shown.id}${warning}`
}

function leftOut({ ignored, quarantined }: PromptTree): string[][] {
  const named = (all: PromptTree['ignored']) =>
    all.slice(0, FEW).map(({ path, reason }) => `${path}: ${reason}`)
  return [
    ...(ignored.length === 0 ? [] : [['left out', String(ignored.length), named(ignored).join(' ')]]),
    ...(quarantined.length === 0
      ? []
      : [['quarantined', String(quarantined.length), named(quarantined).join(' ')]]),
  ]
}
