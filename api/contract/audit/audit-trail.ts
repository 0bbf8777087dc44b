import type { EventDocument } from '../registry-api.ts'
import { compareReleases } from '../release.ts'
import type { Json } from '../version.ts'
import type { AuditRow } from './audit-row.ts'
import {
  actOf,
  askedBy,
  changeOf,
  detailsOf,
  listedIn,
  type NamedRelease,
  releaseFacts,
} from './event-facts.ts'

/** A row whose service may go on. */
type OpenRow = { -readonly [K in keyof AuditRow]: AuditRow[K] } & { later_releases: string[] }

interface AuditedPrompt {
  sequence: number
  source: string | null
  /** The highest release of each version. */
  readonly releases: Map<string, NamedRelease>
  /** The evidence with which each version was last promoted. */
  readonly evidence: Map<string, readonly Json[]>
  /** The version in service; `undefined` before the first event about it. */
  serving: OpenRow | null | undefined
}

const NO_RELEASE = { release: null, tag: null, approved: null, signed: null }

/**
 * Turns events into the rows of an audit, without their sets. Add the events of each prompt in their order, such as in that of the feed;
 * an event that comes again changes nothing.
 */
export class AuditTrail {
  readonly #environment: string
  readonly #prompts = new Map<string, AuditedPrompt>()
  readonly #rows: AuditRow[] = []

  constructor(environment: string) {
    this.#environment = environment
  }

  /** All rows, by the time at which they began to serve. */
  rows(): readonly AuditRow[] {
    const order = (a: AuditRow, b: AuditRow) => compare(a.served_from ?? '', b.served_from ?? '')
    return this.#rows.toSorted((a, b) => order(a, b) || compare(a.prompt_id, b.prompt_id))
  }

  add(event: EventDocument): void {
    const prompt = this.#prompt(event.prompt_id)
    if (event.sequence <= prompt.sequence) return
    prompt.sequence = event.sequence
    const facts = releaseFacts(event)
    if (facts !== undefined && event.to !== null) remember(prompt, event.to, facts)
    switch (event.type) {
      case 'owner_changed':
        prompt.source = event.to
        break
      case 'release_raised':
        if (prompt.serving?.version === event.to && facts !== undefined)
          prompt.serving?.later_releases.push(facts.release)
        break
      case 'promoted':
      case 'rolled_back':
        this.#swap(prompt, event)
        break
      case 'healed':
        if (detailsOf(event).what === 'stable') this.#swap(prompt, event)
        break
      case 'revoked':
        if (isStable(prompt, event)) this.#end(prompt, event, event.to)
        break
      case 'retired':
      case 'deleted':
        if (event.from !== null) this.#end(prompt, event, event.from)
        break
    }
  }

  /** Another version serves from now on. */
  #swap(prompt: AuditedPrompt, event: EventDocument): void {
    if (event.to === null) return
    this.#end(prompt, event, event.from)
    prompt.serving = this.#begin(prompt, event.prompt_id, event.to, promotedAs(prompt, event))
    prompt.serving.asked = askedBy(event)
    prompt.serving.changed = changeOf(event)
    prompt.serving.evidence = evidenceOf(prompt, event)
    prompt.serving.served_from = event.at
  }

  /** `from`: the version that served, if its service began before the first event. */
  #end(prompt: AuditedPrompt, event: EventDocument, from: string | null): void {
    if (prompt.serving === undefined && from !== null)
      prompt.serving = this.#begin(prompt, event.prompt_id, from, prompt.releases.get(from) ?? NO_RELEASE)
    if (prompt.serving != null) {
      prompt.serving.served_until = event.at
      prompt.serving.stopped = actOf(event)
    }
    prompt.serving = null
  }

  #begin(
    prompt: AuditedPrompt,
    prompt_id: string,
    version: string,
    { release, tag, approved, signed }: NamedRelease | typeof NO_RELEASE,
  ): OpenRow {
    const row: OpenRow = {
      ...{ environment: this.#environment, source: prompt.source, prompt_id, version },
      ...{ release, later_releases: [], asked: null, tag, approved, signed, evidence: [], set: null },
      changed: { from: null, parts: null, inputs: [] },
      ...{ served_from: null, served_until: null, stopped: null },
    }
    this.#rows.push(row)
    return row
  }

  #prompt(id: string): AuditedPrompt {
    const known = this.#prompts.get(id)
    if (known !== undefined) return known
    const made = { sequence: 0, source: null, releases: new Map(), evidence: new Map(), serving: undefined }
    this.#prompts.set(id, made)
    return made
  }
}

/** The release by which an event makes a version serve. */
function promotedAs({ releases }: AuditedPrompt, event: EventDocument): NamedRelease | typeof NO_RELEASE {
  const known = releases.get(event.to ?? '')
  const facts = releaseFacts(event)
  return (facts === undefined ? known : together(facts, known)) ?? NO_RELEASE
}

function remember({ releases }: AuditedPrompt, version: string, facts: NamedRelease): void {
  const known = releases.get(version)
  if (known === undefined || compareReleases(facts.release, known.release) >= 0)
    releases.set(version, together(facts, known))
}

/** An event of a person names a release, but not its tag; one of a release that waited does not name its signer. */
function together(facts: NamedRelease, known: NamedRelease | undefined): NamedRelease {
  if (known === undefined || facts.release !== known.release) return facts
  const { release, tag, approved, signed } = facts
  if (tag !== null && (tag.name !== known.tag?.name || tag.object !== known.tag.object)) return facts
  return {
    ...{ release, tag: tag ?? known.tag },
    ...{ approved: approved ?? known.approved, signed: signed ?? known.signed },
  }
}

/** A rollback makes a version serve with the evidence of its promotion. */
function evidenceOf({ evidence }: AuditedPrompt, event: EventDocument): readonly Json[] {
  const version = event.to ?? ''
  const given = listedIn(event, 'evidence')
  if (given.length > 0) evidence.set(version, given)
  return event.type === 'promoted' ? given : (evidence.get(version) ?? [])
}

/** Whether a revocation is of the version in service. */
function isStable({ serving }: AuditedPrompt, event: EventDocument): boolean {
  return serving === undefined ? detailsOf(event).was === 'stable' : serving?.version === event.to
}

/** Times are ISO 8601 in UTC. */
export interface AuditPeriod {
  readonly from?: string | undefined
  /** Exclusive. */
  readonly to?: string | undefined
}

/** Whether the version of the row served within the period. */
export function servedWithin({ served_from, served_until }: AuditRow, { from, to }: AuditPeriod): boolean {
  const beganBefore = to === undefined || served_from === null || served_from < to
  return beganBefore && (from === undefined || served_until === null || served_until > from)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
