import type { Environment } from '../api/contract/environment.ts'
import { ambient } from './ambient.ts'
import { createBreaker } from './breaker.ts'
import { type Cache, createCache } from './cache.ts'
import type { Attempt } from './errors.ts'
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
  const shared = { ...settings, cache, counters, events, clock, setTimer }
  const tiers = createGuardedTiers(options, host, { settings, events, clock, setTimer })
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
  const resolver: Resolver = new Resolver({
    ...shared,
    search: createSearch({ ...shared, ...guard, tiers, retries, hasLocal: localDir !== undefined }),
    local: localDir === undefined ? undefined : host.createLocalTier(localDir, events),
    onAnswer: (entry, changed) => {
      snapshots.changed()
      if (changed) watches.changed(entry)
    },
  })
  const pointers = new Pointers({
    ...shared,
    ...guard,
    tiers,
    onRevoked: (source) => resolver.recheck(source),
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

interface Shared {
  readonly settings: Settings
  readonly events: Events
  readonly clock: () => number
  readonly setTimer: SetTimer
}

function createGuardedTiers(
  { fetch }: ClientOptions,
  host: Host,
  { settings, events, clock, setTimer }: Shared,
): readonly GuardedTier[] {
  return createRegistryTiers(settings, { fetch, setTimer }, host).map((tier) => {
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
