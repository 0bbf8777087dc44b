import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createKmsSigner } from '../../api/signing/kms-signer.ts'
import type { Config } from '../configuration/config.ts'
import { setSigner } from '../configuration/set-signer.ts'
import type { PassInput } from '../pass/pass-input.ts'
import { runPass } from '../pass/run-pass.ts'
import { placeOf, sameRepositoryKey } from '../source/repository-address.ts'
import type { PassReport } from '../state/pass-report.ts'
import { parseState } from '../state/source-state.ts'
import { notedSource } from '../watch/noted-source.ts'
import { observedSource } from '../watch/observed-source.ts'
import { runRound } from '../watch/run-round.ts'
import { createWatch, type SourceWatch, type WatchedRepository } from '../watch/serve.ts'
import {
  createWebhookReceiver,
  type RefusedDelivery,
  WEBHOOK_PREFIX,
  type WebhookReceiver,
} from '../watch/webhook/receiver.ts'
import { createRefusalLog } from '../watch/webhook/refusal-log.ts'
import { createPullRequestWiring } from '../wiring/pull-requests.ts'
import { createReportWiring } from '../wiring/reports.ts'
import { type Repository, repositoriesOf } from '../wiring/repositories.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { createOffReleaseCount } from './metrics/off-release.ts'
import type { PassMetrics } from './metrics/pass-metrics.ts'
import { notifiersOf } from './notifiers.ts'
import { printLine, printNote } from './output.ts'
import { createReportPrinter, timeOf } from './report-printer.ts'
import { webhookEndpoints } from './webhooks.ts'

/** Keeps a registry in sync with the configured sources. */
export interface Controller {
  /** Receives the webhooks of sources that have one. Answers 404 to other requests. */
  readonly receive: WebhookReceiver
  readonly takesWebhooks: boolean
  /** Logs a delivery that another thread refused. */
  readonly refused: (delivery: RefusedDelivery) => void
  /** Starts a pass over a source soon. false: it does not watch this source, or ends. */
  readonly lookAgain: (source: string) => boolean
  /** Runs until the process is asked to stop. `url` is the base URL of webhooks, for messages. */
  run(url: string): Promise<void>
}

export interface ControllerOptions {
  readonly afterFirst?: () => void
  readonly tell?: (report: PassReport) => void
  readonly warn?: (message: string) => void
  readonly metrics?: PassMetrics | undefined
  /** Runs a pass. Default: without traces. */
  readonly pass?: typeof runPass | undefined
}

/**
 * `afterFirst` runs after the first pass. `tell` receives every pass report, `warn` every warning. `metrics` counts
 * passes and calls. Throws `ConfigError` if a secret is missing.
 */
export function createController(
  config: Config,
  api: RegistryApi,
  runtime: CliRuntime,
  {
    afterFirst = () => {},
    tell = createReportPrinter(runtime),
    warn = (message: string) => printNote(runtime, `${timeOf(runtime)}  ${message}`),
    metrics,
    pass = runPass,
  }: ControllerOptions = {},
): Controller {
  const endpoints = webhookEndpoints(config, runtime)
  const notifiers = notifiersOf(config, { api, warn, runtime, onAttempt: metrics?.notified })
  const onReport = (report: PassReport) => {
    tell(report)
    for (const notifier of notifiers) notifier.passed(report)
  }
  const watch = watchSources(config, api, runtime, { afterFirst, onReport, warn, metrics, pass })
  const refused = createRefusalLog(warn, runtime.now)
  return {
    receive: createWebhookReceiver({ endpoints, hint: watch.hint, onRefused: refused }),
    refused,
    takesWebhooks: endpoints.size > 0,
    lookAgain: (source) => config.sources.some(({ name }) => name === source) && watch.hint(source),
    async run(url) {
      if (config.sources.length === 0)
        printLine(runtime, 'No sources to watch. Add some under "sources:" in promptctl.yaml.')
      for (const [source, { host }] of endpoints)
        printLine(runtime, `Webhooks for ${source} from ${host.title}: ${url}${WEBHOOK_PREFIX}${source}`)
      await Promise.all(notifiers.map((notifier) => notifier.begin()))
      await Promise.all([
        watch.run(),
        ...notifiers.map((notifier) => notifier.run()),
        metrics && readStates(config, api, metrics),
      ])
    },
  }
}

/** Until the first pass of a source, its metrics are those of its stored state. */
async function readStates({ sources }: Config, api: RegistryApi, metrics: PassMetrics): Promise<void> {
  for (const { name } of sources) {
    // A registry that cannot be read fails the passes, which report it.
    const document = await api.source(name).catch(() => undefined)
    if (document !== undefined) metrics.known(name, parseState(document.state))
  }
}

interface Listeners {
  readonly afterFirst: () => void
  readonly onReport: (report: PassReport) => void
  readonly warn: (message: string) => void
  readonly metrics: PassMetrics | undefined
  readonly pass: typeof runPass
}

function watchSources(
  config: Config,
  api: RegistryApi,
  runtime: CliRuntime,
  { afterFirst, onReport: tell, warn, metrics, pass }: Listeners,
): SourceWatch {
  const { now, random, pause, signal } = runtime
  const first = once(afterFirst)
  const countOffRelease = metrics && createOffReleaseCount({ api, now, set: metrics.offRelease })
  return createWatch({
    repositories: repositoriesOf({
      ...config,
      api,
      runtime: metrics === undefined ? runtime : { ...runtime, fetch: metrics.countingFetch(runtime.fetch) },
      reports: createReportWiring(warn),
      pullRequests: createPullRequestWiring(warn),
      signer: setSigner(config.proof, runtime, createKmsSigner),
    }).map((repository) => watched(repository, metrics, pass)),
    report: (report) => {
      metrics?.passed(report)
      void countOffRelease?.(report)
      tell(report)
      first()
    },
    now,
    random,
    pause,
    signal,
  })
}

function watched(
  { address, cache, git: source, members }: Repository,
  metrics: PassMetrics | undefined,
  tracedPass: typeof runPass,
): WatchedRepository {
  const place = placeOf(address)
  const git = metrics === undefined ? source : observedSource(source, metrics.gitCall)
  return {
    sources: members.map(({ source }) => source),
    key: sameRepositoryKey(address),
    place,
    cache,
    run: (names, report, note) => {
      const pass = async (input: PassInput) => {
        const passed = await tracedPass(input)
        metrics?.quotas(place, git.quotas?.() ?? [])
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
