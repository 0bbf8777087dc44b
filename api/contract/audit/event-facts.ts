import type { EventDocument } from '../registry-api.ts'
import { parseRelease, type Release } from '../release.ts'
import type { Json } from '../version.ts'
import type { Approval, AuditedAct, AuditedChange, AuditedRequest, AuditedTag } from './audit-row.ts'

type Details = Readonly<Record<string, Json>>

/** The known facts of a release of a version. */
export interface NamedRelease {
  readonly release: Release
  readonly tag: AuditedTag | null
  readonly approved: Approval | null
  readonly signed: string | null
}

/** Reads the details of an event. Those of older registries lack fields. */
export function detailsOf({ details }: EventDocument): Details {
  return (details ?? {}) as Details
}

/** The release that an event names, with its tag; `undefined` if it names none. */
export function releaseFacts(event: EventDocument): NamedRelease | undefined {
  const details = detailsOf(event)
  const release = parseRelease(text(details.release) ?? text(details.alias) ?? '')
  const name = text(details.tag)
  if (release === undefined) return undefined
  return {
    release,
    tag: name === null ? null : tagOf(name, details),
    approved: approvalOf(details.pull_request),
    signed: text(details.signer),
  }
}

function tagOf(name: string, { tag_object, commit, tagger, tagged_at }: Details): AuditedTag {
  return {
    name,
    object: text(tag_object),
    commit: text(commit),
    tagger: text(tagger),
    tagged_at: text(tagged_at),
  }
}

function approvalOf(pullRequest: Json | undefined): Approval | null {
  if (pullRequest === undefined) return null
  const { number = null, author, approved_by } = (pullRequest ?? {}) as Details
  const by = list(approved_by).filter((login) => typeof login === 'string')
  return { pull_request: typeof number === 'number' ? number : null, author: text(author), by }
}

/** An identity from the event of a Lambda invocation, or the user that a command line found in its environment. */
const CLAIMED = / \(claimed\)$|^promptctl(?:\/|$)/

export function actOf({ type, actor, reason }: EventDocument): AuditedAct {
  return { act: type, actor, claimed: CLAIMED.test(actor), reason }
}

export function askedBy(event: EventDocument): AuditedRequest {
  const isByTag = text(detailsOf(event).tag) !== null
  return { by: event.type === 'healed' ? 'source' : isByTag ? 'tag' : 'person', ...actOf(event) }
}

export function changeOf(event: EventDocument): AuditedChange {
  const { changed } = detailsOf(event)
  const parts = Array.isArray(changed) ? changed.filter((part) => typeof part === 'string') : null
  return { from: event.from, parts, inputs: listedIn(event, 'inputs') }
}

/** The list with this name in the details of an event. */
export function listedIn(event: EventDocument, name: string): readonly Json[] {
  return list(detailsOf(event)[name])
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
