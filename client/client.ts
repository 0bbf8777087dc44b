import type { Blueprint } from './blueprint.ts'
import { type BlueprintOptions, type Blueprints, createBlueprints } from './blueprints.ts'
import { ClientCalls } from './client-calls.ts'
import type { EventListener } from './events.ts'
import { createHit, type Hit } from './hits.ts'
import type { Host } from './host.ts'
import { type ClientMetrics, clientMetrics } from './metrics.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { createParts, type Parts } from './parts.ts'
import type { PromptValues } from './rendering/values.ts'
import type { RenderedPrompt, Resolution } from './resolution.ts'
import type { PromptSession, SessionOptions } from './session.ts'
import type { OnChange } from './watch.ts'

/**
 * Reads prompts at run time, whatever is down. A call looks in this order, and the first text wins:
 *
 * 1. the cache, if it is fresh. If it is older than `ttlMs`, it is used too, while a request runs in the background.
 * 2. `lambda`: the registry's function, invoked directly.
 * 3. `http`: the registry by HTTP.
 * 4. the last answer of a registry, at any age.
 * 5. `local`: a file in `localDir`.
 * 6. `PromptResolutionError`, which lists why each tier failed.
 *
 * A definite refusal (`revoked`, `gone`, `mode_not_allowed`, `not_released`) ends the search and replaces the known
 * text: no other place may bring back a prompt that the registry withdraws.
 */
export class Client {
  readonly #parts: Parts
  readonly #blueprints: Blueprints
  readonly #calls: ClientCalls
  readonly #hit: Hit

  /**
   * Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`).
   *
   * @internal Its declaration would need those of the whole client.
   */
  constructor(options: ClientOptions, host: Host) {
    const parts = createParts(options, host)
    this.#parts = parts
    this.#calls = new ClientCalls(parts)
    this.#hit = createHit(parts)
    this.#blueprints = createBlueprints({
      files: host.textFiles,
      env: parts.env,
      mode: parts.settings.mode,
      resolve: (reference, call) => this.resolve(reference, call),
    })
  }

  /**
   * The text of `id`, `id@pin` or `id_v1.3.0`. Rejects with `PromptResolutionError`.
   *
   * @example
   * ```ts
   * const text = await client.get('support/triage')
   * const pinned = await client.get('support/triage@1.3.0')
   * ```
   */
  get(reference: string, options?: CallOptions): Promise<string> {
    const hit = options === undefined ? this.#hit(reference, this.#calls.activeSpan) : undefined
    return hit ?? this.resolve(reference, options).then(({ text }) => text)
  }

  /**
   * The text, its version, and where it came from. Rejects with `PromptResolutionError`.
   *
   * @example
   * ```ts
   * const { text, release, tier, stale } = await client.resolve('support/triage')
   * log.info({ prompt: release, tier, stale })
   * ```
   */
  resolve(reference: string, options?: CallOptions): Promise<Resolution> {
    return this.#calls.resolve(reference, options)
  }

  /**
   * Begins a session, which reads one generation for its whole run. Asks for the current set of each
   * source, unless that was asked for within `ttlMs`. Rejects with `PromptResolutionError` (`invalid_configuration`).
   *
   * @example
   * ```ts
   * const run = await client.session({ source: 'support' })
   * const text = await run.get('support/triage')
   * log.info({ set: run.set, release: run.release })
   * ```
   */
  session(options: SessionOptions): Promise<PromptSession> {
    return this.#calls.session(options)
  }

  /**
   * Fills the template of a prompt: its text, its messages if it has any, and where it came from. Values are plain
   * JSON, of the types that the prompt declares; nothing is converted or escaped. Roles come from the prompt, never
   * from a value. Rejects with `PromptRenderError`, and as `resolve` does.
   *
   * @example
   * ```ts
   * const { text, messages } = await client.render('support/triage', { customer: 'Ada' })
   * ```
   */
  async render(
    reference: string,
    values: PromptValues = {},
    options: CallOptions = {},
  ): Promise<RenderedPrompt> {
    const resolution = await this.resolve(reference, options)
    return Object.freeze({ ...resolution, ...(await this.#parts.render(resolution, values)) })
  }

  /**
   * The known text, however old, without a request; `undefined` if there is none.
   *
   * @example
   * ```ts
   * const text = client.peek('support/triage') ?? 'You sort messages.'
   * ```
   */
  peek(reference: string): string | undefined {
    return this.#parts.cache.entries.get(reference)?.text
  }

  /**
   * The texts by reference, in one request for all that are not known. Rejects with the first error.
   *
   * @example
   * ```ts
   * const texts = await client.getAll(['support/triage', 'support/refund'])
   * const triage = texts.get('support/triage')
   * ```
   */
  getAll(references: readonly string[], options: CallOptions = {}): Promise<Map<string, string>> {
    return this.#calls.getAll(references, options)
  }

  /**
   * Gets prompts before they are needed, in one request. A prompt that fails is asked for again when it is used.
   *
   * @example
   * ```ts
   * await client.prefetch(['support/triage', 'support/refund'])
   * ```
   */
  async prefetch(references: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#calls.resolveAll(references, options)
  }

  /**
   * Calls `onChange` when a prompt gets another text or version, or is refused. One conditional request every `ttlMs`
   * covers all prompts of a source that are watched. Returns what stops it. It does not keep the process alive.
   *
   * @example
   * ```ts
   * const stop = client.watch(['support/triage'], (change) => {
   *   if ('resolution' in change) console.log(`now ${change.resolution.release}`)
   * })
   * ```
   */
  watch(
    references: readonly string[],
    onChange: OnChange,
    options: Pick<CallOptions, 'mode'> = {},
  ): () => void {
    return this.#parts.watches.add(this.#calls.questions(references, options), onChange)
  }

  /**
   * Reads an agent's blueprint (YAML) and gets its prompt: `prompt_ref`, or `system_prompt` inline. Rejects with
   * `BlueprintError` for the file, also if its `execution_modes` exclude the mode, and with `PromptResolutionError`.
   *
   * @example
   * ```ts
   * const agent = await client.loadBlueprint('agents/triage.yaml')
   * run(agent.system_prompt)
   * ```
   */
  loadBlueprint(file: string, options?: BlueprintOptions): Promise<Blueprint> {
    return this.#blueprints.load(file, options)
  }

  /**
   * Every blueprint of a folder that may run in the mode, by its id.
   *
   * @example
   * ```ts
   * const agents = await client.loadBlueprints('agents')
   * for (const [id, agent] of agents) register(id, agent)
   * ```
   */
  loadBlueprints(dir: string, options?: BlueprintOptions): Promise<ReadonlyMap<string, Blueprint>> {
    return this.#blueprints.loadAll(dir, options)
  }

  /**
   * A blueprint that was loaded. Throws `BlueprintError`.
   *
   * @example
   * ```ts
   * const { system_prompt } = client.blueprint('triage')
   * ```
   */
  blueprint(id: string): Blueprint {
    return this.#blueprints.get(id)
  }

  /**
   * Calls the listener with everything that happens. Returns what removes it.
   *
   * @example
   * ```ts
   * client.on('event', (event) => {
   *   if (event.type === 'stale_used') console.warn(`old text of ${event.reference}`)
   * })
   * ```
   */
  on(_type: 'event', listener: EventListener): () => void {
    return this.#parts.events.on(listener)
  }

  /**
   * Counts of calls and requests, the size of the cache, and the state of each circuit.
   *
   * @example
   * ```ts
   * const { hits, misses, circuits } = client.metrics()
   * ```
   */
  metrics(): ClientMetrics {
    return clientMetrics(this.#parts)
  }

  /**
   * Stops watching and writes the snapshot. The client can still be used.
   *
   * @example
   * ```ts
   * process.once('SIGTERM', () => void client.close())
   * ```
   */
  async close(): Promise<void> {
    this.#parts.watches.stop()
    await this.#parts.snapshots.flush()
  }
}
