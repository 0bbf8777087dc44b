import type { Environment } from '../api/contract/environment.ts'
import { ambient } from './ambient.ts'
import { createBreaker } from './breaker.ts'
import { type Cache, createCache } from './cache.ts'
import { type Attempt, PromptResolutionError } from './errors.ts'
import { createEvents, type Events } from './events.ts'
import { type AskTier, createAskTier, type GuardedTier } from './guarded-tier.ts'
import type { Host } from './host.ts'
import { type Counters, createCounters } from './metrics.ts'
import type { ClientOptions } from './options.ts'
import { Pointers } from './pointers.ts'
import { createPromptRenderer, type RenderPrompt } from './prompt-renderer.ts'
import { keyOf } from './questions.ts'
import { Resolver } from './resolver.ts'
import { createRetryBudget, type RetryBudget } from './retry.ts'
import { createSearch } from './search.ts'
import { readSettings, type Settings } from './settings.ts'
import { createSnapshots, type Snapshots } from './snapshots.ts'
import type { LoadActiveSpan } from './telemetry.ts'
import { createRegistryTiers, registryIdentity } from './tiers.ts'
import { hostTimer, type SetTimer } from './transport/timer.ts'
import type { KeyTexts, LoadVerifier, Verifier } from './verification.ts'
import { createWatches, type Watches } from './watch.ts'

/** The parts of a client. */
export interface Parts {
  readonly settings: Settings
  readonly env: Environment
  readonly clock: () => number
  readonly cache: Cache
  readonly counters: Counters
  readonly events: Events
  readonly tiers: readonly GuardedTier[]
  readonly resolver: Resolver
  readonly pointers: Pointers
  readonly snapshots: Snapshots
  readonly watches: Watches
  readonly loadActiveSpan: LoadActiveSpan
  readonly render: RenderPrompt
}

/** Wires a client, and nothing more. Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
export function createParts(options: ClientOptions, host: Host): Parts {
  const env = options.env ?? ambient.env()
  const settings = readSettings(options, env)
  const { clock = host.clock, setTimer = hostTimer, now = ambient.now } = options
  const { localDir, mode: own, ttlMs: intervalMs } = settings
  const [cache, counters, events] = [createCache(settings), createCounters(), createEvents()]
  const { load: loadVerifier, loaded: verifier } = verifierLoader(settings.keys, host)
  const shared = { ...settings, cache, counters, events, clock, setTimer, loadVerifier }
  const tiers = createGuardedTiers(options, host, { settings, events, clock, setTimer, loadVerifier })
  const retries = createRetryBudget()
  const guard = createGuard(options, { ...shared, retries })
  const snapshots = createSnapshots({
    ...shared,
    now,
    registry: registryIdentity(settings),
    keyOf: (reference, mode) => keyOf(reference, mode, own),
    files: host.textFiles,
    sha256: host.sha256,
  })
  const pointers: Pointers = new Pointers({
    ...shared,
    ...guard,
    tiers,
    onNews: (source, news) => resolver.onNews(source, news),
  })
  const resolver: Resolver = new Resolver({
    ...shared,
    pointers,
    withheld: snapshots.withheld,
    verifier,
    search: createSearch({ ...shared, ...guard, tiers, retries, hasLocal: localDir !== undefined }),
    local: localDir === undefined ? undefined : host.createLocalTier(localDir, events, loadVerifier),
    onAnswer: (entry, changed) => {
      snapshots.changed()
      if (changed) watches.changed(entry)
    },
  })
  const watches = createWatches({ intervalMs, setTimer, poll: (questions) => resolver.refresh(questions) })
  const { loadActiveSpan } = host
  return {
    settings,
    env,
    clock,
    cache,
    counters,
    events,
    tiers,
    resolver,
    pointers,
    snapshots,
    watches,
    loadActiveSpan,
    render: createPromptRenderer(options.engines ?? [], ambient.newMarker),
  }
}

interface VerifierLoader {
  /** Loads it once. `undefined`: nothing is verified. */
  readonly load: LoadVerifier | undefined
  /** `undefined` until it is loaded. */
  readonly loaded: () => Verifier | undefined
}

function verifierLoader(keys: KeyTexts | undefined, host: Host): VerifierLoader {
  if (keys === undefined) return { load: undefined, loaded: () => undefined }
  let loaded: Verifier | undefined
  const loading = configured(() => host.loadVerifier(keys)).then((verifier) => {
    loaded = verifier
    return verifier
  })
  // Whoever waits for it handles the error.
  loading.catch(() => {})
  return { load: () => loading, loaded: () => loaded }
}

/** Turns every error into `invalid_configuration`. */
function configured<T>(work: () => Promise<T>): Promise<T> {
  const fail = (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : 'Nothing can be verified.'
    throw new PromptResolutionError('invalid_configuration', message, { cause })
  }
  try {
    return work().catch(fail)
  } catch (cause) {
    return fail(cause)
  }
}

interface Shared {
  readonly settings: Settings
  readonly events: Events
  readonly clock: () => number
  readonly setTimer: SetTimer
  readonly loadVerifier: LoadVerifier | undefined
}

function createGuardedTiers(
  { fetch }: ClientOptions,
  host: Host,
  { settings, events, clock, setTimer, loadVerifier }: Shared,
): readonly GuardedTier[] {
  return createRegistryTiers(settings, { fetch, setTimer }, host, loadVerifier).map((tier) => {
    const onChange = (state: 'open' | 'closed') => events.emit({ type: `circuit_${state}`, tier: tier.name })
    return { tier, breaker: createBreaker({ clock, onChange }) }
  })
}

interface Guard {
  readonly askTier: AskTier
  readonly onFailure: (attempt: Attempt) => void
}

function createGuard(
  { random = ambient.random }: ClientOptions,
  parts: Omit<Shared, 'settings'> & { readonly counters: Counters; readonly retries: RetryBudget },
): Guard {
  const { counters, events } = parts
  const onFailure = (attempt: Attempt) => {
    counters.failures++
    events.emit({ type: 'tier_failed', ...attempt })
  }
  const onRequest = (_tier: unknown, isRetry: boolean) => {
    counters.requests++
    if (isRetry) counters.retries++
  }
  return { askTier: createAskTier({ ...parts, random, onRequest, onFailure }), onFailure }
}
