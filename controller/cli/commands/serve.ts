import { type Command, Option } from 'commander'
import { type ListenOptions, listen, type RunningServer } from '../../../api/http/node.ts'
import { type EmbeddedRegistry, newTrouble } from '../../../api/server.ts'
import type { Config, EmbeddedConfig, RemoteConfig } from '../../configuration/config.ts'
import { WEBHOOK_PREFIX } from '../../watch/webhook/receiver.ts'
import { parsePort, parseWorkers } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { connectTo, loadConfig } from '../connection.ts'
import { type CliContext, newCommand } from '../context.ts'
import { type Controller, createController } from '../controller.ts'
import { makeDemo, whatToTry } from '../demo.ts'
import { apiOf, openEmbedded } from '../embedded.ts'
import { type AddressNames, addressFailure } from '../failure.ts'
import { createLog } from '../log.ts'
import type { Metrics } from '../metrics/index.ts'
import type { CommonOptions } from '../options.ts'
import { printLine, printParagraph } from '../output.ts'
import { createPassLog, createWarningLog } from '../pass-log.ts'
import { startTracing } from '../tracing/start-tracing.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { startWorkers, type WorkersInput } from '../workers/start-workers.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly workers: number
  readonly demo?: boolean
  readonly log: 'text' | 'json'
}

export function serveCommand({ runtime }: CliContext): Command {
  return newCommand('serve', 'Run the registry and the controller in this process', {
    group: 'run',
    examples: ['serve', 'serve --port 9000'],
  })
    .option('-p, --port <number>', 'Port to listen on; 0 for any free port', parsePort, 8080)
    .option('--host <address>', 'Address to listen on', '127.0.0.1')
    .option(
      '--workers <number>',
      'Threads that answer requests while passes run in their own; 0: one thread does both',
      parseWorkers,
      1,
    )
    .option('--demo', 'Create an example repository first, if there is no promptctl.yaml')
    .addOption(
      new Option(
        '--log <format>',
        'Log format: text prints passes with changes or problems, json logs every pass to stderr',
      )
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async (options: ServeOptions) => {
      const demo = options.demo === true && (await makeDemo(options, runtime))
      const config = await loadConfig(options, runtime)
      if (options.demo === true && !demo)
        printLine(runtime, 'Watching the sources of your promptctl.yaml, not the example.')
      const tracing = await startTracing(runtime)
      try {
        const served = { options, runtime, tracing }
        if ('file' in config.registry) await serveAll(config, config.registry, served, demo)
        else await serveController(config, config.registry, served)
      } finally {
        await tracing?.end()
      }
    })
}

interface Served {
  readonly options: ServeOptions
  readonly runtime: CliRuntime
  readonly tracing: Tracing | undefined
}

/** With a remote registry, this process only listens for webhooks, and for readers of its metrics. */
async function serveController(
  config: Config,
  registry: RemoteConfig,
  { options, runtime, tracing }: Served,
): Promise<void> {
  const { api, where } = await connectTo(registry, runtime)
  const { createMetrics } = await import('../metrics/index.ts')
  const metrics = createMetrics()
  const controller = createController(config, api, runtime, {
    ...logOptions(options, runtime),
    metrics: metrics.passes,
    pass: tracing?.pass,
  })
  const app = { fetch: controller.receive }
  const server = controller.takesWebhooks ? await listening(options, (at) => listen(app, at)) : undefined
  try {
    printLine(runtime, `The controller writes to ${where}.`)
    await withMetricsAddress(config, metrics, runtime, () => controller.run(server?.url ?? ''))
  } finally {
    await server?.close()
  }
}

async function serveAll(
  config: Config,
  at: EmbeddedConfig,
  { options, runtime: outside, tracing }: Served,
  demo: boolean,
): Promise<void> {
  const { createMetrics } = await import('../metrics/index.ts')
  const metrics = createMetrics()
  const trouble = newTrouble()
  const registry = openEmbedded(at, outside, {
    observe: metrics.requests.observe,
    tracer: tracing?.request,
    trouble,
  })
  metrics.requests.readHits(registry.keptHits)
  // A worker that fails ends the process, as a failure in this thread does.
  const failure = new AbortController()
  const runtime = { ...outside, signal: AbortSignal.any([outside.signal, failure.signal]) }
  try {
    let url = ''
    const afterFirst = demo ? () => printParagraph(runtime, whatToTry(url)) : () => {}
    const controller = createController(config, apiOf(registry, 'controller'), runtime, {
      ...logOptions(options, runtime),
      afterFirst,
      metrics: metrics.passes,
      pass: tracing?.pass,
    })
    const parts = { config, at, registry, controller, metrics, trouble, runtime }
    const onFailure = (error: unknown) => failure.abort(error)
    const server = await listening(options, (address) => serveHttp({ ...parts, onFailure }, options, address))
    url = server.url
    try {
      printLine(runtime, `The registry is at ${url} (contract: ${url}/openapi.json).`)
      printLine(runtime, `The console is at ${url}/console`)
      await withMetricsAddress(config, metrics, runtime, () => controller.run(url))
    } finally {
      await server.close()
    }
    failure.signal.throwIfAborted()
  } finally {
    registry.close()
  }
}

interface HttpParts extends Pick<WorkersInput, 'config' | 'trouble' | 'onFailure'> {
  readonly at: EmbeddedConfig
  readonly registry: EmbeddedRegistry
  readonly controller: Controller
  readonly metrics: Metrics
  readonly runtime: CliRuntime
}

/** Serves the registry in workers, so that its readers never wait for a pass; or in this thread without workers. */
async function serveHttp(parts: HttpParts, { workers: count }: ServeOptions, address: ListenOptions) {
  const { at, registry, controller, metrics, runtime } = parts
  const { metricsBeside } = await import('../metrics/index.ts')
  // Loaded here, because only this command needs its pages.
  const { embeddedConsole } = await import('../console.ts')
  const beside = [
    embeddedConsole(registry, controller, runtime),
    metricsBeside(metrics, registry, createLog(runtime)),
  ]
  if (count === 0) {
    const webhooks = { prefix: WEBHOOK_PREFIX, fetch: controller.receive }
    return await registry.listen(address, [webhooks, ...beside])
  }
  const { lookAgain, refused } = controller
  const log = (text: string) => void runtime.stderr.write(text)
  const workers = startWorkers({ ...parts, count, registry: at, beside, calls: { log, lookAgain, refused } })
  metrics.addWorkers(workers.metrics)
  return await workers.listen(address)
}

const METRICS_KEYS: AddressNames = { port: 'metrics.port', host: 'metrics.host' }

/** Runs the work, and meanwhile serves the metrics at their own address if the configuration has one. */
async function withMetricsAddress(
  { metrics: address }: Config,
  metrics: Metrics,
  runtime: CliRuntime,
  work: () => Promise<void>,
): Promise<void> {
  if (address === undefined) return await work()
  const { listenForMetrics, METRICS_PATH } = await import('../metrics/index.ts')
  const server = await listening(address, (at) => listenForMetrics(metrics, at), METRICS_KEYS)
  try {
    printLine(runtime, `The metrics are at ${server.url}${METRICS_PATH}`)
    await work()
  } finally {
    await server.close()
  }
}

async function listening(
  { host, port }: Pick<ServeOptions, 'host' | 'port'>,
  start: (address: ListenOptions) => Promise<RunningServer>,
  names?: AddressNames,
): Promise<RunningServer> {
  try {
    return await start({ host, port })
  } catch (error) {
    throw addressFailure(error, host, port, names)
  }
}

function logOptions({ log }: ServeOptions, runtime: CliRuntime) {
  return log === 'json' ? { tell: createPassLog(runtime), warn: createWarningLog(runtime) } : {}
}
