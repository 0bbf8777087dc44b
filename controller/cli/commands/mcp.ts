import type { Server } from '@modelcontextprotocol/server'
import type { Command } from 'commander'
import { parseMode } from '../../../api/contract/mode.ts'
import { listen } from '../../../api/http/node.ts'
import { createMcpServer, type PromptReader } from '../../mcp/server.ts'
import { watchPrompts } from '../../mcp/watch-prompts.ts'
import { parsePort } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printNote } from '../output.ts'
import { packageVersion } from '../package-version.ts'

interface McpCommandOptions extends CommonOptions {
  readonly mode?: string
  readonly port?: number
  readonly interval: string
}

export function mcpCommand({ runtime }: CliContext): Command {
  return newCommand('mcp', 'Offer prompts to MCP clients (read-only)', {
    group: 'run',
    examples: ['mcp --registry https://prompts.example.com', 'mcp --port 8090 --mode dev'],
    notes: 'Without --port, uses stdin and stdout, for programs that start it themselves.',
  })
    .option('-p, --port <number>', 'Listen on this loopback port instead of stdio', parsePort)
    .option(
      '--mode <mode>',
      'Execution mode; simulation and dev include drafts (EXECUTION_MODE, default: production)',
    )
    .option('--interval <seconds>', 'Seconds between checks for changes', '10')
    .action(async (options: McpCommandOptions) => {
      const mode = parseMode(
        (options.mode ?? (runtime.env.EXECUTION_MODE || 'production')).trim().toLowerCase(),
      )
      // Its reads are those of an agent, unlike those of other commands.
      const application = runtime.env.PROMPT_REGISTRY_APPLICATION || 'mcp'
      await withRegistry(options, { ...runtime, application }, 'read', async (api) => {
        const version = packageVersion()
        await serve(api, () => createMcpServer({ api, mode, version }), options, runtime)
      })
    })
}

/** Until the process is asked to end, or its parent closes stdin. */
async function serve(
  api: PromptReader,
  create: () => Server,
  { port, interval }: McpCommandOptions,
  runtime: CliRuntime,
): Promise<void> {
  const ended = new AbortController()
  const signal = AbortSignal.any([runtime.signal, ended.signal])
  const open = port === undefined ? overStdio : overHttp
  const offered = await open(create, { port: port ?? 0, runtime, onEnd: () => ended.abort() })
  try {
    await watchPrompts({
      api,
      intervalMs: Number(interval) * 1000,
      pause: runtime.pause,
      signal,
      onChange: offered.promptsChanged,
      onError: (error) =>
        printNote(runtime, `Cannot read the registry: ${error instanceof Error ? error.message : error}`),
    })
  } finally {
    await offered.close()
  }
}

interface Offered {
  promptsChanged(): void
  close(): Promise<void>
}

interface ServedAt {
  readonly port: number
  readonly runtime: CliRuntime
  readonly onEnd: () => void
}

// The protocol's library is loaded only by those who use it.
async function overStdio(create: () => Server, { runtime, onEnd }: ServedAt): Promise<Offered> {
  const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio')
  const servers = new Set<Server>()
  const transport = new StdioServerTransport(runtime.stdin, runtime.stdout)
  const handle = serveStdio(
    () => {
      const server = create()
      servers.add(server)
      server.onclose = () => servers.delete(server)
      return server
    },
    { transport },
  )
  runtime.stdin.once('end', onEnd)
  return {
    promptsChanged: () => {
      for (const server of servers) void server.sendPromptListChanged().catch(() => undefined)
    },
    close: () => handle.close(),
  }
}

async function overHttp(create: () => Server, { port, runtime }: ServedAt): Promise<Offered> {
  const mcp = await import('@modelcontextprotocol/server')
  const handler = mcp.createMcpHandler(create)
  const fetch = async (request: Request) =>
    mcp.hostHeaderValidationResponse(request, mcp.localhostAllowedHostnames()) ??
    mcp.originValidationResponse(request, mcp.localhostAllowedOrigins()) ??
    (await handler.fetch(request))
  const server = await listen({ fetch }, { host: '127.0.0.1', port })
  printNote(runtime, `MCP at ${server.url}/mcp`)
  return {
    promptsChanged: () => handler.notify.promptsChanged(),
    close: async () => {
      await handler.close()
      await server.close()
    },
  }
}
