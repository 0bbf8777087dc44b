import { createHash, randomUUID } from 'node:crypto'
import { RegistryError } from './contract/errors.ts'
import { MODES, type Mode } from './contract/mode.ts'
import { createApp } from './http/app.ts'
import { type Auth, type Token, tokenAuth } from './http/auth.ts'
import { type Beside, withBeside } from './http/beside.ts'
import { statusOf } from './http/error-table.ts'
import { actingAs } from './http/in-process.ts'
import type { HttpLog } from './http/log.ts'
import { isLoopbackHost, loopbackAuth } from './http/loopback.ts'
import { type ListenOptions, listen, type RunningServer, remoteAddress } from './http/node.ts'
import type { Caller } from './registry/caller.ts'
import { createRegistry } from './registry/registry.ts'
import { openSqliteStore } from './store/sqlite/index.ts'

export interface EmbeddedRegistryOptions {
  /** The SQLite file; made with its folder where it is missing. */
  readonly file: string
  /** Without tokens only this machine may ask, and whoever does is admin. */
  readonly tokens?: readonly {
    readonly name: string
    readonly access: Token['access']
    readonly sources: readonly string[]
    readonly token: string
  }[]
  readonly allowedModes?: readonly Mode[] | undefined
  readonly deprecatedPins?: 'serve' | 'block'
  /** How long a write waits for other processes before it is `busy`; 10 s unless told. */
  readonly busyAfterMs?: number
  readonly log: HttpLog
}

export interface EmbeddedRegistry {
  /** Answers requests of this process on behalf of `caller`, whatever credentials they carry. */
  handlerFor(caller: Caller): (request: Request) => Response | Promise<Response>
  /**
   * Serves the registry to others, and something else beside it. Throws where the address is open to others and no
   * tokens are configured.
   */
  listen(options: ListenOptions, beside?: Beside): Promise<RunningServer>
  close(): void
}

/** The whole registry in this process, on an SQLite file. */
export function openEmbeddedRegistry(options: EmbeddedRegistryOptions): EmbeddedRegistry {
  const {
    file,
    tokens = [],
    allowedModes = MODES,
    deprecatedPins = 'serve',
    busyAfterMs = 10_000,
    log,
  } = options
  const store = openSqliteStore({ file, patienceMs: busyAfterMs })
  const registry = createRegistry({
    prompts: store.prompts,
    sources: store.sources,
    settings: { allowedModes, deprecatedPins },
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const app = createApp({ registry, auth: authOf(tokens), log, newRequestId: randomUUID })
  return {
    handlerFor: (caller) => {
      const env = actingAs(caller)
      return (request) => app.fetch(request, env)
    },
    async listen(address, beside) {
      if (tokens.length === 0 && !isLoopbackHost(address.host)) {
        throw new RegistryError(
          'forbidden',
          `Without tokens the registry only serves this machine, and ${address.host} is open to others; configure registry.tokens, or use --host 127.0.0.1.`,
        )
      }
      return await listen(beside === undefined ? app : withBeside(app, beside), address)
    },
    close: () => store.close(),
  }
}

function authOf(tokens: NonNullable<EmbeddedRegistryOptions['tokens']>): Auth {
  if (tokens.length === 0) return loopbackAuth(remoteAddress)
  return tokenAuth(
    tokens.map(({ name, access, sources, token }) => ({
      name,
      access,
      sources: sources.length === 0 && access === 'admin' ? 'any' : sources,
      sha256: createHash('sha256').update(token, 'utf8').digest('hex'),
    })),
  )
}
