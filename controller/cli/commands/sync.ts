import type { Command } from 'commander'
import { createKmsSigner } from '../../../api/signing/kms-signer.ts'
import type { Config, SourceConfig } from '../../configuration/config.ts'
import { setSigner } from '../../configuration/set-signer.ts'
import { verdictOf } from '../../findings/verdict.ts'
import type { PassInput } from '../../pass/pass-input.ts'
import { runPass } from '../../pass/run-pass.ts'
import { type PublicReport, publicReport } from '../../state/pass-report.ts'
import { didYouMean } from '../../values/nearest.ts'
import { runRound } from '../../watch/run-round.ts'
import { slowLast } from '../../watch/slow-last.ts'
import { createPullRequestWiring } from '../../wiring/pull-requests.ts'
import { createReportWiring } from '../../wiring/reports.ts'
import { repositoriesOf } from '../../wiring/repositories.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { createProgressLine } from '../progress.ts'
import { printReport } from '../reports.ts'
import { startTracing } from '../tracing/start-tracing.ts'

interface SyncOptions extends CommonOptions {
  readonly full?: boolean
  readonly confirm?: boolean
}

const NOTES = `Exit codes: 0 if the registry matches git, or differs only because of a hold or a freeze; 1 if a source has a
problem: something failed, was refused, quarantined, set by hand or not found, or waits for --confirm. The exit code
stays the same until the cause is gone.`

export function syncCommand({ runtime, exit }: CliContext): Command {
  return newCommand('sync', 'Sync sources now', {
    group: 'run',
    examples: ['sync', 'sync support --full', 'sync support --confirm'],
    notes: NOTES,
  })
    .argument('[sources...]', 'Names of sources (default: all)')
    .option('--full', 'Compare everything, and retry refused changes')
    .option(
      '--confirm',
      'Apply the mass change that the source is held for, and retire prompts that are still read',
    )
    .action(async (names: string[], options: SyncOptions) => {
      const config = await loadConfig(options, runtime)
      const sources = chosenSources(config, names)
      const connection = await connect(options, runtime)
      const tracing = await startTracing(runtime)
      const run = tracing?.pass ?? runPass
      const reports: PublicReport[] = []
      // Not before: it would collect garbage while modules are loaded.
      runtime.growHeapSlowly?.()
      try {
        const pass = async (input: PassInput) => {
          const progress = createProgressLine(input.source.name, runtime)
          const { full: force = false, confirm = false } = options
          const wishes = { force, confirm, retryNow: true }
          const report = await run({ ...input, ...wishes, onProgress: progress.show })
          progress.end()
          reports.push(publicReport(report))
          if (!wantsJson(options)) printReport(runtime, report, { isFirst: force })
        }
        const warn = (message: string) => printNote(runtime, message)
        // A missing secret of one source stops the command before it writes for another.
        const repositories = repositoriesOf({
          sources,
          cache: config.cache,
          api: connection.api,
          runtime: runtime,
          reports: createReportWiring(warn),
          pullRequests: createPullRequestWiring(warn),
          signer: setSigner(config.proof, runtime, createKmsSigner),
        })
        await slowLast(repositories, ({ git, members }) => runRound(git, members, pass))
      } finally {
        connection.close()
        await tracing?.end()
      }
      if (wantsJson(options)) printJson(runtime, { passes: reports })
      if (reports.some(({ counts }) => verdictOf(counts).exitCode !== 0)) exit(1)
    })
}

/** The sources with these names, or all if `names` is empty. Throws `UsageError`. */
export function chosenSources(config: Config, names: readonly string[]): readonly SourceConfig[] {
  const known = config.sources.map((source) => source.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new UsageError(
      `Unknown source "${unknown}"; the configuration has ${known.join(', ') || 'none'}.${didYouMean(unknown, known)}`,
    )
  }
  if (known.length === 0)
    throw new UsageError('The configuration has no sources; add one under "sources:" in promptctl.yaml.')
  return names.length === 0 ? config.sources : config.sources.filter(({ name }) => names.includes(name))
}
