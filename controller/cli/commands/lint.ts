import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { githubLines, sarifLog } from '../../lint/lint-formats.ts'
import { type LintReport, type LintResult, lintTree } from '../../lint/lint-tree.ts'
import { openWorkingTree, type WorkingTree } from '../../source/working-tree/index.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { lintSource } from '../lint-source.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { packageVersion } from '../package-version.ts'

interface LintOptions extends CommonOptions {
  readonly source?: string
  readonly format: 'text' | 'github' | 'json' | 'sarif'
  readonly strict?: boolean
}

const NOTES = `Reads the files on disk as the controller would read them from a commit: layout, ids, front matter, sizes, secrets
and hidden characters. It also checks that content and declared variables agree. Files that git ignores are skipped.
Settings are those of --source, or of the source in promptctl.yaml whose repository is this folder, or the defaults;
the repository's own .promptctl.yaml applies on top.

Exit codes: 0 if there are no errors; 1 if there are, or with --strict any warnings; 2 for a usage error.`

export function lintCommand({ runtime, exit }: CliContext): Command {
  return newCommand('lint', 'Check prompt files on disk, before a commit', {
    group: 'run',
    examples: ['lint', 'lint ../support-prompts --strict', 'lint --format github'],
    notes: NOTES,
  })
    .argument('[folder]', 'Folder in the repository to check', '.')
    .option('--source <name>', 'Use the settings of this source')
    .addOption(
      new Option('--format <format>', 'Format of the report')
        .choices(['text', 'github', 'json', 'sarif'])
        .default('text'),
    )
    .option('--strict', 'Exit with 1 if there are warnings')
    .action(async (folder: string, options: LintOptions) => {
      const { root, snapshot } = await openedTree(folder, runtime)
      const config = await loadConfig(options, runtime)
      const { source, origin } = await lintSource(config, root, options.source)
      const report = await lintTree(source, snapshot, 'the working tree')
      print(runtime, report, origin, options)
      const isBad = ({ level }: LintResult) => level === 'error' || options.strict === true
      if (report.results.some(isBad)) exit(1)
    })
}

async function openedTree(folder: string, { cwd, env }: CliRuntime): Promise<WorkingTree> {
  try {
    return await openWorkingTree(resolve(cwd, folder), env)
  } catch (cause) {
    throw new UsageError(`Cannot read the folder ${folder}: ${(cause as Error).message}.`)
  }
}

function print(runtime: CliRuntime, report: LintReport, origin: string, options: LintOptions): void {
  const format = wantsJson(options) ? 'json' : options.format
  if (format === 'json') printJson(runtime, report)
  else if (format === 'sarif') printJson(runtime, sarifLog(report, packageVersion()))
  else {
    const lines = format === 'github' ? githubLines(report) : report.results.map(lineOf)
    for (const line of [...lines, summary(report, origin)]) printLine(runtime, line)
  }
}

/** The form of compilers, which editors turn into links. */
function lineOf({ level, code, path, line, column, message }: LintResult): string {
  const place = path === '' ? '' : `${path}:${line}:${column}: `
  return `${place}${level}: ${message} [${code}]`
}

function summary({ prompts, ignored, results }: LintReport, origin: string): string {
  const errors = results.filter(({ level }) => level === 'error').length
  const counts = [
    counted(prompts.length, 'prompt'),
    counted(errors, 'error'),
    counted(results.length - errors, 'warning'),
  ]
  const left =
    ignored.length === 0 ? '' : `; ${counted(ignored.length, 'file')} left out (-o json has the reasons)`
  return `${counts.join(', ')}${left}; read ${origin}.`
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
