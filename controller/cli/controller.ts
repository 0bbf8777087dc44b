import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config } from '../configuration/config.ts'
import type { PassInput } from '../pass/pass-input.ts'
import { runPass } from '../pass/run-pass.ts'
import { placeOf, sameRepositoryKey } from '../source/repository-address.ts'
import type { PassReport } from '../state/pass-report.ts'
import { notedSource } from '../watch/noted-source.ts'
import { runRound } from '../watch/run-round.ts'
import { createWatch, type SourceWatch, type WatchedRepository } from '../watch/serve.ts'
import { createWebhookReceiver, WEBHOOK_PREFIX, type WebhookReceiver } from '../watch/webhook/receiver.ts'
import { createRefusalLog } from '../watch/webhook/refusal-log.ts'
import { createReportWiring } from '../wiring/reports.ts'
import { type Repository, repositoriesOf } from '../wiring/repositories.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printLine, printNote } from './output.ts'
import { createReportPrinter, timeOf } from './report-printer.ts'
import { webhookEndpoints } from './webhooks.ts'

/** Keeps a registry in sync with the configured sources. */
export interface Controller {
  /** Receives the webhooks of sources that have one. Answers 404 to other requests. */
  readonly receive: WebhookReceiver
  readonly takesWebhooks: boolean
  /** Starts a pass over a source soon. false: it does not watch this source, or ends. */
  readonly lookAgain: (source: string) => boolean
  /** Runs until the process is asked to stop. `url` is the base URL of webhooks, for messages. */
  run(url: string): Promise<void>
}

/**
 * `afterFirst` runs after the first pass. `tell` receives every pass report, `warn` every warning. Throws
 * `ConfigError` if a secret is missing.
 */
export function createController(
  config: Config,
  api: RegistryApi,
  runtime: CliRuntime,
  {
    afterFirst = () => {},
    tell = createReportPrinter(runtime),
    warn = (message: string) => printNote(runtime, `${timeOf(runtime)}  ${message}`),
  } = {},
): Controller {
  const endpoints = webhookEndpoints(config, runtime)
  const watch = watchSources(config, api, runtime, { afterFirst, onReport: tell, warn })
  return {
    receive: createWebhookReceiver({
      endpoints,
      hint: watch.hint,
      onRefused: createRefusalLog(warn, runtime.now),
    }),
    takesWebhooks: endpoints.size > 0,
    lookAgain: (source) => config.sources.some(({ name }) => name === source) && watch.hint(source),
    async run(url) {
      if (config.sources.length === 0)
        printLine(runtime, 'No sources to watch. Add some under "sources:" in promptctl.yaml.')
      for (const [source, { host }] of endpoints)
        printLine(runtime, `Webhooks for ${source} from ${host.title}: ${url}${WEBHOOK_PREFIX}${source}`)
      await watch.run()
    },
  }
}

interface Listeners {
  readonly afterFirst: () => void
  readonly onReport: (report: PassReport) => void
  readonly warn: (message: string) => void
}

function watchSources(
  config: Config,
  api: RegistryApi,
  runtime: CliRuntime,
  { afterFirst, onReport: tell, warn }: Listeners,
): SourceWatch {
  const { now, random, pause, signal } = runtime
  const first = once(afterFirst)
  return createWatch({
    repositories: repositoriesOf({
      ...config,
      api,
      runtime: runtime,
      reports: createReportWiring(warn),
    }).map(watched),
    report: (report) => {
      tell(report)
      first()
    },
    now,
    random,
    pause,
    signal,
  })
}

function watched({ address, cache, git, members }: Repository): WatchedRepository {
  return {
    sources: members.map(({ source }) => source),
    key: sameRepositoryKey(address),
    place: placeOf(address),
    cache,
    run: (names, report, note) => {
      const pass = async (input: PassInput) => {
        const passed = await runPass(input)
        report(passed)
        return passed
      }
      const asked = members.filter(({ source }) => names.includes(source.name))
      return runRound(notedSource(git, note), asked, pass)
    },
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
