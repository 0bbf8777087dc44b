import { type Command, Option } from 'commander'
import { type ListenOptions, listen, type RunningServer } from '../../../api/http/node.ts'
import type { EmbeddedRegistry } from '../../../api/server.ts'
import type { Config, RemoteConfig } from '../../configuration/config.ts'
import { WEBHOOK_PREFIX } from '../../watch/webhook/receiver.ts'
import { parsePort } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { connectTo, loadConfig } from '../connection.ts'
import { type CliContext, newCommand } from '../context.ts'
import { createController } from '../controller.ts'
import { makeDemo, whatToTry } from '../demo.ts'
import { apiOf, openEmbedded } from '../embedded.ts'
import { addressFailure } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printLine, printParagraph } from '../output.ts'
import { createPassLog, createWarningLog } from '../pass-log.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly host: string
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
      if ('file' in config.registry)
        await serveAll(config, openEmbedded(config.registry, runtime), options, runtime, demo)
      else await serveController(config, config.registry, options, runtime)
    })
}

/** With a remote registry, this process only listens for webhooks. */
async function serveController(
  config: Config,
  registry: RemoteConfig,
  options: ServeOptions,
  runtime: CliRuntime,
): Promise<void> {
  const { api, where } = await connectTo(registry, runtime)
  const controller = createController(config, api, runtime, logOptions(options, runtime))
  const app = { fetch: controller.receive }
  const server = controller.takesWebhooks ? await listening(options, (at) => listen(app, at)) : undefined
  try {
    printLine(runtime, `The controller writes to ${where}.`)
    await controller.run(server?.url ?? '')
  } finally {
    await server?.close()
  }
}

async function serveAll(
  config: Config,
  registry: EmbeddedRegistry,
  options: ServeOptions,
  runtime: CliRuntime,
  demo: boolean,
): Promise<void> {
  try {
    let url = ''
    const afterFirst = demo ? () => printParagraph(runtime, whatToTry(url)) : () => {}
    const controller = createController(config, apiOf(registry, 'controller'), runtime, {
      ...logOptions(options, runtime),
      afterFirst,
    })
    const webhooks = { prefix: WEBHOOK_PREFIX, fetch: controller.receive }
    // Loaded here, because only this command needs its pages.
    const { embeddedConsole } = await import('../console.ts')
    const screen = embeddedConsole(registry, controller, runtime)
    const server = await listening(options, (at) => registry.listen(at, [webhooks, screen]))
    url = server.url
    try {
      printLine(runtime, `The registry is at ${url} (contract: ${url}/openapi.json).`)
      printLine(runtime, `The console is at ${url}${screen.prefix}`)
      await controller.run(url)
    } finally {
      await server.close()
    }
  } finally {
    registry.close()
  }
}

async function listening(
  { host, port }: ServeOptions,
  start: (address: ListenOptions) => Promise<RunningServer>,
): Promise<RunningServer> {
  try {
    return await start({ host, port })
  } catch (error) {
    throw addressFailure(error, host, port)
  }
}

function logOptions({ log }: ServeOptions, runtime: CliRuntime) {
  return log === 'json' ? { tell: createPassLog(runtime), warn: createWarningLog(runtime) } : {}
}
