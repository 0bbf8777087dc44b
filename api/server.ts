import { createHash, type KeyObject, randomUUID } from 'node:crypto'
import { keySigner } from './contract/attestation/signer.ts'
import { RegistryError } from './contract/errors.ts'
import { MODES, type Mode } from './contract/mode.ts'
import type { RegistryApi } from './contract/registry-api.ts'
import { createApp } from './http/app.ts'
import { type Auth, type BearerToken, type IdentifyingAuth, identifyingTokenAuth } from './http/auth.ts'
import { type MountedHandler, withBeside } from './http/beside.ts'
import { type CallLimit, createDirectApi } from './http/direct-api.ts'
import { statusOf } from './http/error-table.ts'
import { answerFinished, FinishedAnswers, type KeptHits } from './http/finished-answers.ts'
import type { HttpLog } from './http/log.ts'
import { identifyingLoopbackAuth, isLoopbackHost } from './http/loopback.ts'
import type { App, ListenOptions, RunningServer } from './http/node.ts'
import type { ObservedRequest } from './http/observed-request.ts'
import { remoteAddress } from './http/remote-address.ts'
import type { RequestTracer } from './http/request-tracer.ts'
import { createWrongTokens } from './http/wrong-tokens.ts'
import type { Caller } from './registry/caller.ts'
import { ReadCounter } from './registry/read-counter.ts'
import { type ReadsTimerOptions, startReadsTimer } from './registry/reads-timer.ts'
import { createRegistry } from './registry/registry.ts'
import { storeReads } from './registry/store-reads.ts'
import { openSqliteStore } from './store/sqlite/index.ts'
import { TROUBLE_BYTES } from './store/sqlite/writer.ts'

export interface EmbeddedRegistryOptions {
  /** The SQLite file. Created with its folder if missing. */
  readonly file: string
  /** Without tokens, only this machine has access, as admin. */
  readonly tokens?: readonly {
    readonly name: string
    readonly access: BearerToken['access']
    readonly sources: readonly string[]
    readonly prefixes?: readonly string[]
    readonly token: string
  }[]
  readonly allowedModes?: readonly Mode[] | undefined
  readonly deprecatedPins?: 'serve' | 'block'
  /** Default: `report`. */
  readonly inputs?: 'report' | 'enforce'
  /** Signs the sets that changes by hand make. Default: such changes of signed sets are refused. */
  readonly emergencyKey?: KeyObject | undefined
  /** How long a write waits for other processes before it fails with `busy`. Default: 10 s. */
  readonly busyAfterMs?: number
  /** How often counted reads are stored while the registry is served. Default: 5 s. */
  readonly storeReadsEveryMs?: number
  /** Shared by the registries on this file in other threads, so that none is healthy while writes of one fail. */
  readonly trouble?: SharedArrayBuffer | undefined
  readonly log: HttpLog
  /** Receives each request from outside that was not answered with a kept response. Default: none. */
  readonly observe?: ((request: ObservedRequest) => void) | undefined
  /** Traces each request from outside. No response is then answered before it has a span. Default: none. */
  readonly tracer?: RequestTracer | undefined
}

export interface EmbeddedRegistry {
  /** The API for callers in this process, on behalf of `caller`. */
  apiFor(caller: Caller, within: CallLimit): RegistryApi
  /**
   * Serves the registry over HTTP, with other handlers beside it. Throws if the address is reachable from outside
   * and no tokens are configured.
   */
  listen(options: ListenOptions, beside?: readonly MountedHandler[]): Promise<RunningServer>
  /** The caller of a request from outside. Throws `unauthorized`, `forbidden`, `rate_limited`. */
  readonly authenticate: Auth
  /** The hits of kept responses, by route. `observe` does not receive them. */
  readonly keptHits: ReadonlyMap<string, Readonly<KeptHits>>
  close(): void
}

/** For `EmbeddedRegistryOptions.trouble`. */
export function newTrouble(): SharedArrayBuffer {
  return new SharedArrayBuffer(TROUBLE_BYTES)
}

/** The whole registry in this process, on a SQLite file. */
export function openEmbeddedRegistry(options: EmbeddedRegistryOptions): EmbeddedRegistry {
  const {
    file,
    tokens = [],
    allowedModes = MODES,
    deprecatedPins = 'serve',
    inputs = 'report',
    emergencyKey,
    busyAfterMs = 10_000,
    storeReadsEveryMs = 5_000,
    trouble,
    log,
    observe,
    tracer,
  } = options
  refuseWeakTokens(tokens)
  const store = openSqliteStore({ file, patienceMs: busyAfterMs, trouble })
  const registry = createRegistry({
    prompts: store.prompts,
    sources: store.sources,
    sets: store.sets,
    evidence: store.evidence,
    reads: store.reads,
    settings: { allowedModes, deprecatedPins, inputs },
    emergencySigner: emergencyKey && keySigner(emergencyKey),
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const { auth, identify } = authOf(tokens, log)
  const counter = new ReadCounter({ now: Date.now, random: Math.random })
  const countRead = counter.count.bind(counter)
  const answers = new FinishedAnswers(store)
  const meter = observe && { now: () => performance.now(), observe }
  const parts = {
    registry,
    auth,
    log,
    newRequestId: () => randomUUID(),
    finished: answers,
    meter,
    tracer,
    countRead,
  }
  const hono = createApp(parts)
  const early: App['answerFinished'] = (incoming, outgoing) =>
    answerFinished({ answers, identify, newRequestId: randomUUID, countRead }, incoming, outgoing)
  const app: App = { fetch: hono.fetch, ...(tracer === undefined && { answerFinished: early }) }
  return {
    authenticate: auth,
    keptHits: answers.hits,
    apiFor: (caller, within) => createDirectApi({ registry, caller, within, log, newRequestId: randomUUID }),
    async listen(address, beside = []) {
      if (tokens.length === 0 && !isLoopbackHost(address.host)) {
        throw new RegistryError(
          'forbidden',
          `Without tokens the registry only serves this machine, but ${address.host} is reachable from outside; configure registry.tokens, or use --host 127.0.0.1.`,
        )
      }
      // Node's HTTP loads undici, together a tenth of the processor time of a sync without changes.
      const { listen } = await import('./http/node.ts')
      const server = await listen(beside.length === 0 ? app : withBeside(app, beside), address)
      return withReadsTimer(server, {
        store: () => storeReads(counter, store.reads),
        everyMs: storeReadsEveryMs,
        onFailure: (error) => log.error('counted reads were not stored', { error }),
      })
    },
    close: () => store.close(),
  }
}

/** Stores counted reads until the server is closed, and those of its last requests then. */
function withReadsTimer(server: RunningServer, options: ReadsTimerOptions): RunningServer {
  const timer = startReadsTimer(options)
  return {
    ...server,
    async close() {
      await server.close()
      await timer.stop()
    },
  }
}

type ConfiguredTokens = NonNullable<EmbeddedRegistryOptions['tokens']>

function authOf(tokens: ConfiguredTokens, log: HttpLog): IdentifyingAuth {
  if (tokens.length === 0) return identifyingLoopbackAuth(remoteAddress)
  const wrong = createWrongTokens({ tell: (sentence) => log.error(sentence, {}), now: Date.now })
  return identifyingTokenAuth(
    tokens.map(({ name, access, sources, prefixes = [], token }) => ({
      name,
      access,
      prefixes,
      sources: sources.length === 0 && access === 'admin' ? 'any' : sources,
      sha256: createHash('sha256').update(token, 'utf8').digest('hex'),
    })),
    wrong,
  )
}

/** 20 random base64 characters cannot be guessed by any number of machines. */
const FEWEST_CHARACTERS = 20

/** Throws `invalid_request` for a token that is too weak, cannot be sent, or is used twice. */
function refuseWeakTokens(tokens: ConfiguredTokens): void {
  const seen = new Map<string, string>()
  for (const { name, token } of tokens) {
    const other = seen.get(token)
    const problem =
      token.length < FEWEST_CHARACTERS
        ? `has ${token.length} characters, and fewer than ${FEWEST_CHARACTERS} can be guessed`
        : /^[\x21-\x7e]+$/.test(token)
          ? other && `is also that of "${other}"`
          : 'has a space, a line break or a character that a header cannot carry'
    if (problem !== undefined) {
      throw new RegistryError(
        'invalid_request',
        `The token "${name}" ${problem}; make one with "openssl rand -base64 32".`,
      )
    }
    seen.set(token, name)
  }
}
