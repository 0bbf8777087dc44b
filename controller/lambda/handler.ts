import type { Config, SourceConfig } from '../configuration/config.ts'
import type { Publisher } from '../notify/publisher.ts'
import { type PublicReport, publicReport } from '../state/pass-report.ts'
import { dueTogether, type KnownSources, overdueSources, slowPlacesLast } from './due.ts'
import { asksForHealth, type ControllerEvent, EventError, type PassEvent, readEvent } from './event.ts'
import type { ControllerObserver } from './observer.ts'
import type { ChosenSources, RunRounds } from './rounds.ts'
import type { SourcesDocument } from './sources-document.ts'

export interface ControllerParts {
  readonly document: SourcesDocument
  readonly run: RunRounds
  /** Reads the registry's record of every source. */
  readonly known: (signal: AbortSignal) => Promise<KnownSources>
  /** Invokes this function asynchronously. Resolves when Lambda has accepted the event. */
  readonly invoke: (event: PassEvent) => Promise<void>
  /** Sends events to others, if a bus is configured. */
  readonly publisher?: Publisher | undefined
  readonly observer: ControllerObserver
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Returns a signal that aborts after `ms` milliseconds. */
  readonly timeout: (ms: number) => AbortSignal
}

/** The part of Lambda's context that is used. */
export interface InvocationContext {
  readonly awsRequestId: string
  /** Ends with the alias, if the function was invoked by one. */
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

/** The response to a synchronous invocation. Lambda drops the response to an asynchronous one. */
export type ControllerAnswer =
  | { readonly started: readonly (readonly string[])[] }
  | { readonly passes: readonly PublicReport[] }
  | { readonly statusCode: 200; readonly body: string }

export type ControllerHandler = (event: unknown, context: InvocationContext) => Promise<ControllerAnswer>

/** Time left before the timeout of an invocation: enough to release a lease. */
const MARGIN_MS = 10_000

/** The passes did not finish within the function's timeout. */
export class OutOfTimeError extends Error {
  readonly code = 'out_of_time'

  constructor(sources: readonly string[], options: ErrorOptions) {
    super(
      `The passes of ${sources.join(', ')} did not finish within the function's timeout. Completed changes are kept, and the next pass continues. If this happens again, raise timeout_seconds of the module.`,
      options,
    )
    this.name = 'OutOfTimeError'
  }
}

/**
 * The controller as a Lambda function. A `schedule` event starts a `pass` invocation for each repository with due
 * sources; so does a webhook. A `sync` event, sent by a person, returns the reports of its passes.
 */
export function createControllerHandler(parts: ControllerParts): ControllerHandler {
  return async (event, context) => {
    parts.observer.begin(context.awsRequestId)
    const signal = parts.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    if (asksForHealth(event)) return await health(parts)
    return await answer(admitted(readEvent(event), context), signal, parts)
  }
}

/** The alias for webhooks. IAM cannot restrict events, but it can restrict a caller to an alias. */
const PASSES_ALIAS = 'passes'

/** Throws `EventError` if the event is not allowed by the alias that was used. */
function admitted(event: ControllerEvent, { invokedFunctionArn }: InvocationContext): ControllerEvent {
  const alias = invokedFunctionArn.split(':')[7]
  if (alias !== PASSES_ALIAS || event.action === 'pass') return event
  throw new EventError(`the alias ${PASSES_ALIAS} accepts only {"action": "pass"}`)
}

async function answer(
  event: ControllerEvent,
  signal: AbortSignal,
  parts: ControllerParts,
): Promise<ControllerAnswer> {
  const config = await parts.document()
  switch (event.action) {
    case 'schedule': {
      const started = await tick(config, atOf(event, parts), signal, parts)
      await published(({ publish }) => publish(signal), parts)
      return { started }
    }
    case 'pass': {
      // The document may have changed since the event was sent.
      const sources = config.sources.filter(({ name }) => event.sources.includes(name))
      return { passes: await rounds({ ...config, sources }, {}, signal, parts) }
    }
    case 'sync': {
      const { full: force, confirm } = event
      const chosen = chosenSources(config, event.sources)
      const sources = chosen.length > 1 ? await slowOnesLast(chosen, config, signal, parts) : chosen
      return {
        passes: await rounds(
          { ...config, sources: [...sources] },
          { force, confirm, retryNow: true },
          signal,
          parts,
        ),
      }
    }
    default:
      throw event satisfies never
  }
}

/** While the registry does not answer, nothing is known of places. */
async function slowOnesLast(
  chosen: readonly SourceConfig[],
  { sources }: Config,
  signal: AbortSignal,
  { known }: ControllerParts,
): Promise<readonly SourceConfig[]> {
  return slowPlacesLast(chosen, await known(signal).catch(() => new Map()), sources)
}

/** Starts the due sources and reports overdue ones. If the registry does not answer, only the schedule counts. */
async function tick(
  config: Config,
  at: number,
  signal: AbortSignal,
  { known: askKnown, invoke, observer }: ControllerParts,
): Promise<string[][]> {
  const { sources } = config
  const known = await askKnown(signal).catch((error: unknown) => {
    observer.problem('cannot read the sources from the registry', error)
    return undefined
  })
  const due = dueTogether(sources, known ?? new Map(), at).map((group) => group.map(({ name }) => name))
  observer.ticked({ due, overdue: known && overdueSources(sources, known, at) })
  await Promise.all(due.map((names) => invoke({ action: 'pass', sources: names })))
  return due
}

async function rounds(
  chosen: ChosenSources,
  wishes: Parameters<RunRounds>[1],
  signal: AbortSignal,
  parts: ControllerParts,
): Promise<readonly PublicReport[]> {
  try {
    const reports = await parts.run(chosen, wishes, signal)
    await published(({ passed }) => passed(reports, signal), parts)
    return reports.map(publicReport)
  } catch (cause) {
    if (!signal.aborted) throw cause
    const names = chosen.sources.map(({ name }) => name)
    throw new OutOfTimeError(names, { cause })
  }
}

/** A failure is only reported: the passes are done, and the next invocation sends the events. */
async function published(
  work: (publisher: Publisher) => Promise<void>,
  { publisher, observer }: ControllerParts,
): Promise<void> {
  if (publisher === undefined) return
  try {
    await work(publisher)
  } catch (error) {
    observer.problem('events could not be sent', error)
  }
}

async function health({ document }: ControllerParts): Promise<ControllerAnswer> {
  const { sources } = await document()
  return { statusCode: 200, body: JSON.stringify({ status: 'ok', sources: sources.length }) }
}

function atOf({ at }: Extract<ControllerEvent, { action: 'schedule' }>, { now }: ControllerParts): number {
  return at === undefined ? now() : Date.parse(at)
}

function chosenSources({ sources }: Config, names: readonly string[]): readonly SourceConfig[] {
  const known = sources.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new EventError(`unknown source "${unknown}"; known sources: ${known.join(', ') || 'none'}`)
  return names.length === 0 ? sources : sources.filter(({ name }) => names.includes(name))
}
