import { type Command, InvalidArgumentError } from 'commander'
import type { RunningServer } from '../../../api/http/node.ts'
import type { EmbeddedRegistry } from '../../../api/server.ts'
import type { Config } from '../../config.ts'
import type { Watch } from '../../serve.ts'
import { connectTo, loadConfig } from '../connection.ts'
import { type CliContext, newCommand } from '../context.ts'
import { makeDemo, whatToTry } from '../demo.ts'
import { apiOf, openEmbedded } from '../embedded.ts'
import { addressFailure } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printLine, printParagraph } from '../output.ts'
import { watchSources } from '../watching.ts'
import type { World } from '../world.ts'

interface ServeOptions extends CommonOptions {
  readonly port: number
  readonly host: string
  readonly demo?: boolean
}

export function serveCommand({ world }: CliContext): Command {
  return newCommand('serve', 'run the registry and the controller in this process', {
    group: 'run',
    examples: ['serve', 'serve --port 9000'],
  })
    .option('-p, --port <number>', 'port to listen on; 0 takes any free one', parsePort, 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--demo', 'where there is no promptctl.yaml, make an example repository first')
    .action(async (options: ServeOptions) => {
      const demo = options.demo === true && (await makeDemo(options, world))
      const config = await loadConfig(options, world)
      if ('url' in config.registry) {
        const { api, where } = connectTo(config.registry, world)
        const watch = watchSources(config, api, world)
        printLine(world, `The controller writes to ${where}.`)
        await runController(config, watch, world)
      } else {
        await serveAll(config, openEmbedded(config.registry, world), options, world, demo)
      }
    })
}

async function serveAll(
  config: Config,
  registry: EmbeddedRegistry,
  options: ServeOptions,
  world: World,
  demo: boolean,
): Promise<void> {
  try {
    let url = ''
    const afterFirst = demo ? () => printParagraph(world, whatToTry(url)) : () => {}
    const watch = watchSources(config, apiOf(registry, 'controller'), world, afterFirst)
    const server = await listen(registry, options)
    url = server.url
    try {
      printLine(world, `The registry is at ${url} (contract: ${url}/openapi.json).`)
      await runController(config, watch, world)
    } finally {
      await server.close()
    }
  } finally {
    registry.close()
  }
}

async function listen(registry: EmbeddedRegistry, { host, port }: ServeOptions): Promise<RunningServer> {
  try {
    return await registry.listen({ host, port })
  } catch (error) {
    throw addressFailure(error, host, port)
  }
}

/** Keeps every source in step until the process is asked to end. */
async function runController(config: Config, watch: Watch, world: World): Promise<void> {
  if (config.sources.length === 0)
    printLine(world, 'There are no sources to watch; add some under "sources:" in promptctl.yaml.')
  await watch.run()
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
