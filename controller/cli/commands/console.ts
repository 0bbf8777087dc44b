import type { Command } from 'commander'
import { listen, type RunningServer } from '../../../api/http/node.ts'
import { parsePort } from '../arguments.ts'
import { connect } from '../connection.ts'
import { type CliContext, newCommand } from '../context.ts'
import { addressFailure } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printLine } from '../output.ts'

interface ConsoleOptions extends CommonOptions {
  readonly port: number
}

export function consoleCommand({ runtime }: CliContext): Command {
  return newCommand('console', 'Open the web console of a registry on this machine', {
    group: 'run',
    examples: ['console --registry https://prompts.example.com', 'console --port 9000'],
    notes: 'Pages are served only to this machine, and act with your credentials.',
  })
    .option('-p, --port <number>', 'Port to listen on; 0 for any free port', parsePort, 8081)
    .action(async (options: ConsoleOptions) => {
      const { api, where, close } = await connect(options, runtime, {
        missing: 'refuse',
        signal: runtime.signal,
      })
      try {
        // Loaded here, because only this command needs its pages.
        const { ownConsole } = await import('../console.ts')
        await serveUntilStopped(ownConsole(api, where, runtime), options, runtime)
      } finally {
        close()
      }
    })
}

async function serveUntilStopped(
  app: Parameters<typeof listen>[0],
  { port }: ConsoleOptions,
  runtime: CliContext['runtime'],
): Promise<void> {
  const host = '127.0.0.1'
  let server: RunningServer
  try {
    server = await listen(app, { host, port })
  } catch (error) {
    throw addressFailure(error, host, port)
  }
  try {
    printLine(runtime, `The console is at ${server.url}/console`)
    await stopped(runtime.signal)
  } finally {
    await server.close()
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
