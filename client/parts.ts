import type { Environment } from '../api/contract/environment.ts'
import { ambient } from './ambient.ts'
import { createBreaker } from './breaker.ts'
import { type Cache, createCache } from './cache.ts'
import { PromptResolutionError } from './errors.ts'
import { createEvents, type Events } from './events.ts'
import type { Host } from './host.ts'
import { type Counters, createCounters } from './metrics.ts'
import type { ClientOptions } from './options.ts'
import { createPromptRenderer, type RenderPrompt } from './prompt-renderer.ts'
import { keyOf } from './questions.ts'
import { Resolver } from './resolver.ts'
import { createRetryBudget } from './retry.ts'
import { createSearch, type GuardedTier, type Search } from './search.ts'
import { readSettings, type Settings } from './settings.ts'
import { createSnapshots, type Snapshots } from './snapshots.ts'
import type { LoadActiveSpan } from './telemetry.ts'
import { createRegistryTiers, registryIdentity } from './tiers.ts'
import { hostTimer, type SetTimer } from './transport/timer.ts'
import type { KeyTexts, LoadVerifier } from './verification.ts'
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
  const loadVerifier = verifierLoader(settings.keys, host)
  const shared = { ...settings, cache, counters, events, clock, setTimer, loadVerifier }
  const tiers = createGuardedTiers(options, host, { settings, events, clock, setTimer, loadVerifier })
  const snapshots = createSnapshots({
    ...shared,
    now,
    registry: registryIdentity(settings),
    keyOf: (reference, mode) => keyOf(reference, mode, own),
    files: host.textFiles,
    sha256: host.sha256,
  })
  const resolver: Resolver = new Resolver({
    ...shared,
    withheld: snapshots.withheld,
    search: createCountedSearch(options, { ...shared, tiers }),
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
    snapshots,
    watches,
    loadActiveSpan,
    render: createPromptRenderer(options.engines ?? [], ambient.newMarker),
  }
}

/** Loads it once. */
function verifierLoader(keys: KeyTexts | undefined, host: Host): LoadVerifier | undefined {
  if (keys === undefined) return undefined
  const loading = configured(() => host.loadVerifier(keys))
  // Whoever waits for it handles the error.
  loading.catch(() => {})
  return () => loading
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

function createCountedSearch(
  { random = ambient.random }: ClientOptions,
  parts: Omit<Shared, 'settings'> & Settings & { counters: Counters; tiers: readonly GuardedTier[] },
): Search {
  const { counters, events } = parts
  return createSearch({
    ...parts,
    random,
    retries: createRetryBudget(),
    hasLocal: parts.localDir !== undefined,
    onRequest: (_tier, isRetry) => {
      counters.requests++
      if (isRetry) counters.retries++
    },
    onFailure: (attempt) => {
      counters.failures++
      events.emit({ type: 'tier_failed', ...attempt })
    },
  })
}
