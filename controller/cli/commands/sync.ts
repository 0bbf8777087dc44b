import type { Command } from 'commander'
import type { Config, SourceConfig } from '../../config.ts'
import type { PassInput } from '../../pass/pass-input.ts'
import { isClean, type PassReport } from '../../pass/pass-report.ts'
import { runPass } from '../../pass/run-pass.ts'
import { runRound } from '../../rounds/run-round.ts'
import { createReportWiring } from '../../wiring/reports.ts'
import { repositoriesOf } from '../../wiring/repositories.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { createProgressLine } from '../progress.ts'
import { printReport } from '../reports.ts'

interface SyncOptions extends CommonOptions {
  readonly full?: boolean
  readonly confirm?: boolean
}

export function syncCommand({ world, exit }: CliContext): Command {
  return newCommand('sync', 'bring what git has into the registry, now', {
    group: 'run',
    examples: ['sync', 'sync support --full', 'sync support --confirm'],
    notes: 'Ends with 1 where something failed, was refused or was quarantined, or is held.',
  })
    .argument('[sources...]', 'names of sources (default: all)')
    .option('--full', 'compare everything, and try again what was refused')
    .option('--confirm', 'let the change through that a source is held for; a newer one is held again')
    .action(async (names: string[], options: SyncOptions) => {
      const config = await loadConfig(options, world)
      const sources = chosenSources(config, names)
      const connection = await connect(options, world)
      const reports: PassReport[] = []
      try {
        const pass = async (input: PassInput) => {
          const progress = createProgressLine(input.source.name, world)
          const { full: force = false, confirm = false } = options
          const wishes = { force, confirm, retryNow: true }
          const report = await runPass({ ...input, ...wishes, onProgress: progress.show })
          progress.end()
          reports.push(report)
          if (!wantsJson(options)) printReport(world, report)
        }
        // A missing secret of one source is told before anything is written for another.
        const repositories = repositoriesOf({
          sources,
          cache: config.cache,
          api: connection.api,
          surroundings: world,
          reports: createReportWiring((message) => printNote(world, message)),
        })
        for (const { git, members } of repositories) await runRound(git, members, pass)
      } finally {
        connection.close()
      }
      if (wantsJson(options)) printJson(world, { passes: reports })
      if (!reports.every(isClean)) exit(1)
    })
}

/** The sources of these names, all where none is named. Throws `UsageError`. */
export function chosenSources(config: Config, names: readonly string[]): readonly SourceConfig[] {
  const known = config.sources.map((source) => source.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new UsageError(
      `There is no source "${unknown}"; the configuration has ${known.join(', ') || 'none'}.`,
    )
  }
  if (known.length === 0)
    throw new UsageError('The configuration has no sources; add one under "sources:" in promptctl.yaml.')
  return names.length === 0 ? config.sources : config.sources.filter(({ name }) => names.includes(name))
}
