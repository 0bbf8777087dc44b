import { RegistryError } from '../api/contract/errors.ts'
import type { Entry } from './cache.ts'
import { type Conclude, type ConcludeOptions, createConclude, refusedBy } from './conclude.ts'
import { PromptResolutionError } from './errors.ts'
import { type Flight, type FlightKind, Flights } from './flights.ts'
import { FollowedSources } from './followed-sources.ts'
import { nextStep, PATIENCE_MS, type Step } from './freshness.ts'
import { ClientMemory, type MemoryOptions } from './memory.ts'
import { NOTHING, type Settled } from './outcome.ts'
import type { PointerNews, Pointers } from './pointers.ts'
import { type Resolution, remembered } from './resolution.ts'
import type { Search } from './search.ts'
import type { Asked, Question } from './tier.ts'
import type { Verifier } from './verification.ts'

export interface ResolverOptions extends MemoryOptions, ConcludeOptions {
  readonly search: Search
  readonly pointers: Pick<Pointers, 'turn' | 'renew' | 'covers'>
  readonly staleForMs: number
  /** `undefined`: nothing is verified, or nothing is known yet. */
  readonly verifier: () => Verifier | undefined
}

export interface ResolveOptions {
  readonly ttlMs: number
  readonly signal: AbortSignal | undefined
}

/** How a call about one prompt proceeds. */
interface PlannedCall {
  readonly question: Question
  readonly entry: Entry | undefined
  readonly step: Step
  flight: Flight | undefined
}

/** One call: checks the cache, asks the registry, and builds the resolution. Rejects with `PromptResolutionError`. */
export class Resolver {
  readonly #options: ResolverOptions
  readonly #flights: Flights
  readonly #memory: ClientMemory
  readonly #sources: FollowedSources
  readonly #conclude: Conclude

  constructor(options: ResolverOptions) {
    this.#options = options
    this.#memory = new ClientMemory(options)
    this.#conclude = createConclude(options)
    this.#flights = new Flights((questions, run) => this.#fly(questions, run), options)
    this.#sources = new FollowedSources({
      ...options,
      memory: this.#memory,
      mayConfirm: ({ question, answer }) =>
        !(answer instanceof RegistryError) && options.verifier()?.isProven(question, answer) !== false,
      ask: (questions) => this.#ask(questions),
    })
  }

  /** Throws or rejects with `PromptResolutionError`. */
  resolve(question: Question, { ttlMs, signal }: ResolveOptions): Resolution | Promise<Resolution> {
    if (signal?.aborted) throw aborted(question, signal)
    const now = this.#options.clock()
    const plan = this.#plan(question, now, ttlMs)
    if (plan.step === 'refresh') this.refresh([question])
    if (mustAsk(plan)) this.#join([plan], signal)
    return this.#follow(plan, now, signal)
  }

  /** Asks in one request for all that must be asked for. One result for each question, in order. */
  async resolveAll(
    questions: readonly Question[],
    { ttlMs, signal }: ResolveOptions,
  ): Promise<readonly (Resolution | PromptResolutionError)[]> {
    if (signal?.aborted) return questions.map((question) => aborted(question, signal))
    const now = this.#options.clock()
    const plans = questions.map((question) => this.#plan(question, now, ttlMs))
    const due = plans.filter(({ step }) => step === 'refresh').map(({ question }) => question)
    if (due.length > 0) this.refresh(due)
    const missing = plans.filter(mustAsk)
    if (missing.length > 0) this.#join(missing, signal)
    return await Promise.all(
      plans.map(async (plan) => {
        try {
          return await this.#follow(plan, now, signal)
        } catch (error) {
          if (error instanceof PromptResolutionError) return error
          throw error
        }
      }),
    )
  }

  #plan(question: Question, now: number, ttlMs: number): PlannedCall {
    const { counters, cache, staleForMs } = this.#options
    const entry = cache.entries.get(question.key)
    const step = nextStep(entry, now, { ttlMs, staleForMs })
    counters.calls++
    if (step !== 'use') counters.misses++
    if (entry !== undefined) entry.used = counters.calls
    return { question, entry, step, flight: undefined }
  }

  #follow(
    { question, entry, step, flight }: PlannedCall,
    now: number,
    signal: AbortSignal | undefined,
  ): Resolution | Promise<Resolution> {
    if (flight !== undefined && step === 'ask') return this.#land(question, flight, { signal })
    if (entry === undefined || entry.answer instanceof RegistryError)
      return this.#conclude(question, refusedBy(entry as Entry))
    if (flight === undefined) return remembered(entry, entry.answer, now, step === 'use' ? 'cached' : 'stale')
    const patienceMs = Math.max(0, flight.startedAt + PATIENCE_MS - now)
    return this.#land(question, flight, { signal, patienceMs })
  }

  /**
   * Asks for these in the background and, by the same request, for all that is older than half a TTL and was used since
   * its answer. So prompts in use soon fall due together, and cost one request a TTL and source.
   */
  refresh(questions: readonly Question[]): void {
    const { clock, ttlMs } = this.#options
    const now = clock()
    const mayAsk = (question: Question) => this.#mayAsk(question)
    const first = questions.filter(mayAsk)
    if (first.length === 0) return
    const others = [...this.#options.cache.entries.values()].filter(
      (entry) =>
        !entry.lasts &&
        now - entry.at >= ttlMs / 2 &&
        entry.used > entry.usedAtAnswer &&
        entry.text !== undefined,
    )
    const all = new Map(
      [...first, ...others.map(({ question }) => question).filter(mayAsk)].map((one) => [one.key, one]),
    )
    this.#ask(this.#sources.follow([...all.values()]))
  }

  /** What a request for the pointer of a source brought. */
  onNews(source: string, news: PointerNews): void {
    if (news.kind === 'stands' && news.hasRevocations) this.#recheck(source)
    this.#sources.onNews(source, news)
  }

  #mayAsk({ key }: Question): boolean {
    const { cache, clock } = this.#options
    return (cache.entries.get(key)?.retryAt ?? 0) <= clock() && this.#flights.get(key) === undefined
  }

  #ask(questions: readonly Question[]): void {
    const due = questions.filter((question) => this.#mayAsk(question))
    for (const group of askedTogether(due)) this.#flights.start(group, IN_THE_BACKGROUND)
  }

  /** Asks in the background for what sets of the source answered: versions of it were revoked. */
  #recheck(source: string): void {
    const entries = [...this.#options.cache.entries.values()].filter(
      ({ question }) => question.set?.source === source,
    )
    for (const entry of entries) this.#memory.doubt(entry)
    this.#ask(entries.map(({ question }) => question))
  }

  get inFlight(): number {
    return this.#flights.size
  }

  /** Gives each plan its flight. Those that nobody asks for yet start together. */
  #join(plans: readonly PlannedCall[], signal: AbortSignal | undefined): void {
    const fresh = new Map<string, Question>()
    for (const { question } of plans)
      if (this.#flights.get(question.key) === undefined) fresh.set(question.key, question)
    const background = plans.every(({ step }) => step === 'ask_briefly')
    if (fresh.size > 0) this.#flights.start([...fresh.values()], { background, mayEnd: signal !== undefined })
    for (const plan of plans) plan.flight = this.#flights.get(plan.question.key)
  }

  #fly(
    questions: readonly Question[],
    run: { readonly signal: AbortSignal | undefined; readonly background: boolean },
  ): Promise<readonly Settled[]> {
    const known = questions.map(({ key }) => this.#options.cache.entries.get(key))
    const verifier = this.#options.verifier()
    const asked = questions.map((question, n): Asked => ({ ...question, etag: etagOf(known[n], verifier) }))
    const { turn } = this.#options.pointers
    const mayRetry = !run.background && known.every((entry) => entry === undefined)
    return this.#options.search(asked, { ...run, mayRetry }).then((outcomes) => {
      // Of a search that its callers left nothing is known.
      if (run.signal?.aborted) return questions.map(() => NOTHING)
      return outcomes.map((outcome, n) =>
        this.#memory.keep(questions[n] as Question, known[n], outcome, turn),
      )
    })
  }

  #land(
    question: Question,
    flight: Flight,
    limits: { readonly signal: AbortSignal | undefined; readonly patienceMs?: number },
  ): Promise<Resolution> {
    return this.#flights.wait(flight, limits).then((outcome) => {
      if (outcome === 'aborted') throw aborted(question, limits.signal)
      if (outcome === 'late') return this.#conclude(question, NOTHING)
      return this.#conclude(question, outcome, flight.startedAt)
    })
  }
}

function mustAsk({ step }: PlannedCall): boolean {
  return step === 'ask' || step === 'ask_briefly'
}

/** A text that left the current sets is requested again, so that it is checked. */
function etagOf(known: Entry | undefined, verifier: Verifier | undefined): string | undefined {
  if (known === undefined || verifier === undefined || known.answer instanceof RegistryError)
    return known?.etag
  return verifier.isProven(known.question, known.answer) ? known.etag : undefined
}

/** One request has one mode and one set. */
function askedTogether(questions: readonly Question[]): readonly (readonly Question[])[] {
  const groups = new Map<string, Question[]>()
  for (const question of questions) {
    const name = `${question.mode} ${question.set?.digest}`
    const group = groups.get(name) ?? []
    groups.set(name, group)
    group.push(question)
  }
  return [...groups.values()]
}

const IN_THE_BACKGROUND: FlightKind = { background: true, mayEnd: false }

function aborted({ reference }: Question, signal: AbortSignal | undefined): PromptResolutionError {
  const message = `The request for "${reference}" was cancelled by its caller.`
  return new PromptResolutionError('aborted', message, { cause: signal?.reason })
}
