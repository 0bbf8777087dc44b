import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config } from '../config.ts'
import type { PassInput } from '../pass/pass-input.ts'
import type { PassReport } from '../pass/pass-report.ts'
import { runPass } from '../pass/run-pass.ts'
import { runRound } from '../rounds/run-round.ts'
import { createWatch, type Watch, type WatchedRepository } from '../serve.ts'
import { sameRepositoryKey } from '../source/repository-address.ts'
import { createWebhookReceiver, WEBHOOK_PREFIX, type WebhookReceiver } from '../trigger/webhook/receiver.ts'
import { createRefusalNews } from '../trigger/webhook/refusal-news.ts'
import { createReportWiring } from '../wiring/reports.ts'
import { type Repository, repositoriesOf } from '../wiring/repositories.ts'
import { printLine, printNote } from './output.ts'
import { createPassNews } from './pass-news.ts'
import { webhookEndpoints } from './webhooks.ts'
import type { World } from './world.ts'

/** Keeps the sources of a configuration in step with a registry. */
export interface Controller {
  /** Takes the webhooks of the sources that have one; says "not found" of all else. */
  readonly receive: WebhookReceiver
  readonly takesWebhooks: boolean
  /** Until the process is asked to end. `url` is where webhooks arrive, for those who set them up. */
  run(url: string): Promise<void>
}

/**
 * `afterFirst` comes after the first pass; `tell` is told of every pass, `warn` of what could not be reported. Throws `ConfigError` where a secret is missing.
 */
export function createController(
  config: Config,
  api: RegistryApi,
  world: World,
  {
    afterFirst = () => {},
    tell = createPassNews(world),
    warn = (message: string) => printNote(world, message),
  } = {},
): Controller {
  const endpoints = webhookEndpoints(config, world)
  const watch = watchSources(config, api, world, { afterFirst, tell, warn })
  return {
    receive: createWebhookReceiver({
      endpoints,
      hint: watch.hint,
      onRefused: createRefusalNews(warn, world.now),
    }),
    takesWebhooks: endpoints.size > 0,
    async run(url) {
      if (config.sources.length === 0)
        printLine(world, 'There are no sources to watch; add some under "sources:" in promptctl.yaml.')
      for (const [source, { host }] of endpoints)
        printLine(world, `Webhooks for ${source} from ${host.title}: ${url}${WEBHOOK_PREFIX}${source}`)
      await watch.run()
    },
  }
}

interface Tellers {
  readonly afterFirst: () => void
  readonly tell: (report: PassReport) => void
  readonly warn: (message: string) => void
}

function watchSources(
  config: Config,
  api: RegistryApi,
  world: World,
  { afterFirst, tell, warn }: Tellers,
): Watch {
  const { now, random, pause, signal } = world
  const first = once(afterFirst)
  return createWatch({
    repositories: repositoriesOf({
      ...config,
      api,
      surroundings: world,
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

function watched({ address, place, git, members }: Repository): WatchedRepository {
  return {
    sources: members.map(({ source }) => source),
    place: sameRepositoryKey(address),
    cache: place,
    run: (names, report) => {
      const pass = async (input: PassInput) => {
        const passed = await runPass(input)
        report(passed)
        return passed
      }
      const asked = members.filter(({ source }) => names.includes(source.name))
      return runRound(git, asked, pass)
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
