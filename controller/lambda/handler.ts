import type { Config, SourceConfig } from '../config.ts'
import type { PassReport } from '../pass/pass-report.ts'
import { dueTogether, type KnownSources, overdueSources } from './due.ts'
import { asksForHealth, type ControllerEvent, EventError, type PassEvent, readEvent } from './event.ts'
import type { ControllerObserver } from './observer.ts'
import type { RunRounds } from './rounds.ts'
import type { SourcesDocument } from './sources-document.ts'

export interface ControllerParts {
  readonly document: SourcesDocument
  readonly run: RunRounds
  /** What the registry knows of the sources. */
  readonly known: (signal: AbortSignal) => Promise<KnownSources>
  /** Resolves when Lambda has taken the event for this very function, which runs it some time soon. */
  readonly invoke: (event: PassEvent) => Promise<void>
  readonly observer: ControllerObserver
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Aborts after so many milliseconds. */
  readonly timeout: (ms: number) => AbortSignal
}

/** As much of the runtime's context as is used. */
export interface InvocationContext {
  readonly awsRequestId: string
  /** Ends with the alias by which the function was called, if it was by one. */
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

/** What a synchronous invocation gets; Lambda drops what an asynchronous one comes to. */
export type ControllerAnswer =
  | { readonly started: readonly (readonly string[])[] }
  | { readonly passes: readonly PassReport[] }
  | { readonly statusCode: 200; readonly body: string }

export type ControllerHandler = (event: unknown, context: InvocationContext) => Promise<ControllerAnswer>

/** Before the end of an invocation: enough to give a lease back. */
const MARGIN_MS = 10_000

/** The passes of an invocation took longer than it may take. */
export class OutOfTimeError extends Error {
  readonly code = 'out_of_time'

  constructor(sources: readonly string[], options: ErrorOptions) {
    super(
      `The passes of ${sources.join(', ')} did not end in the time that the function has. What is done is kept, and the next pass goes on there; raise timeout_seconds of the module if this happens again.`,
      options,
    )
    this.name = 'OutOfTimeError'
  }
}

/**
 * The controller in a function. The schedule starts an invocation for each repository with sources that are due; a
 * pass, by schedule or by webhook, is such an invocation; a person asks for a sync and gets its reports.
 */
export function createControllerHandler(parts: ControllerParts): ControllerHandler {
  return async (event, context) => {
    parts.observer.begin(context.awsRequestId)
    const signal = parts.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    if (asksForHealth(event)) return await health(parts)
    return await answer(admitted(readEvent(event), context), signal, parts)
  }
}

/** The way in for webhooks. IAM cannot tell events apart, but it can say who comes by this alias alone. */
const PASSES_ALIAS = 'passes'

/** Throws `EventError` for what may not come by the alias that was used. */
function admitted(event: ControllerEvent, { invokedFunctionArn }: InvocationContext): ControllerEvent {
  const alias = invokedFunctionArn.split(':')[7]
  if (alias !== PASSES_ALIAS || event.action === 'pass') return event
  throw new EventError(`by the alias ${PASSES_ALIAS} only {"action": "pass"} is taken`)
}

async function answer(
  event: ControllerEvent,
  signal: AbortSignal,
  parts: ControllerParts,
): Promise<ControllerAnswer> {
  const config = await parts.document()
  switch (event.action) {
    case 'schedule':
      return { started: await tick(config, atOf(event, parts), signal, parts) }
    case 'pass': {
      // The document may have changed since the event was sent.
      const sources = config.sources.filter(({ name }) => event.sources.includes(name))
      return { passes: await rounds(sources, {}, signal, parts) }
    }
    case 'sync': {
      const { full: force, confirm } = event
      const sources = chosenSources(config, event.sources)
      return { passes: await rounds(sources, { force, confirm, retryNow: true }, signal, parts) }
    }
    default:
      throw event satisfies never
  }
}

/** Starts what is due, and tells what should have come. A registry that does not answer leaves the bare schedule. */
async function tick(
  config: Config,
  at: number,
  signal: AbortSignal,
  { known: askKnown, invoke, observer }: ControllerParts,
): Promise<string[][]> {
  const { sources } = config
  const known = await askKnown(signal).catch((error: unknown) => {
    observer.problem('the registry does not tell what is known of the sources', error)
    return undefined
  })
  const due = dueTogether(sources, known ?? new Map(), at).map((group) => group.map(({ name }) => name))
  observer.ticked({ due, overdue: known && overdueSources(sources, known, at) })
  await Promise.all(due.map((names) => invoke({ action: 'pass', sources: names })))
  return due
}

async function rounds(
  sources: readonly SourceConfig[],
  wishes: Parameters<RunRounds>[1],
  signal: AbortSignal,
  { run }: ControllerParts,
): Promise<readonly PassReport[]> {
  try {
    return await run(sources, wishes, signal)
  } catch (cause) {
    if (!signal.aborted) throw cause
    const names = sources.map(({ name }) => name)
    throw new OutOfTimeError(names, { cause })
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
    throw new EventError(`there is no source "${unknown}"; there are ${known.join(', ') || 'none'}`)
  return names.length === 0 ? sources : sources.filter(({ name }) => names.includes(name))
}
