import {
  bareIdentity,
  identityLabel,
  payloadSha256,
  type Release,
  sha256,
  type VersionName,
  versionNameKey,
} from '../../api/contract/index.ts'
import type { EventType } from '../../api/contract/registry-api.ts'
import type { AtomicChange, StoredFile } from '../../api/store/atomic-change.ts'
import {
  type Head,
  type NameClaim,
  PLAIN_VERSION,
  type PromptEvent,
  type VersionRecord,
} from '../../api/store/records.ts'
import type { SourceRecord } from '../../api/store/source-records.ts'

const AT = '2026-01-31T12:00:00.000Z'

/** The changes of one prompt, to be committed in order. Each call builds on the previous one. */
export interface ScriptedPrompt {
  readonly id: string
  head(): Head
  version(label: VersionName): VersionRecord
  push(
    content: string,
    fields?: Partial<VersionRecord> & {
      readonly frontMatter?: string
      readonly files?: readonly StoredFile[]
    },
    head?: Partial<Head>,
  ): AtomicChange
  promote(label: VersionName): AtomicChange
  name(label: VersionName, name: VersionName, release?: Release | null): AtomicChange
  amend(parts: {
    readonly head?: Partial<Head>
    readonly versions?: readonly VersionRecord[]
    readonly names?: readonly NameClaim[]
    readonly events?: readonly EventType[]
  }): AtomicChange
  /** A second script that continues from here, like a writer who read the prompt at this moment. */
  fork(): ScriptedPrompt
}

/** Valid changes of one prompt, like those of an operation, but without the operations' rules. */
export function scriptedPrompt(
  id: string,
  start: Head = newHead(id),
  known: readonly VersionRecord[] = [],
): ScriptedPrompt {
  let head = start
  const versions = new Map(known.map((version) => [version.version, version]))
  const version = (label: VersionName): VersionRecord => {
    const found = versions.get(label)
    if (found === undefined) throw new Error(`The script has no version ${label}.`)
    return found
  }
  const change = (
    fields: Partial<Head>,
    written: readonly VersionRecord[],
    types: readonly EventType[],
    rest: Partial<Pick<AtomicChange, 'content' | 'names'>> = {},
  ): AtomicChange => {
    const expectedRevision = head.revision
    const events = types.map((type, index) => event(id, expectedRevision + index + 1, type))
    head = { ...head, ...fields, revision: expectedRevision + events.length }
    for (const one of written) versions.set(one.version, one)
    return {
      promptId: id,
      expectedRevision,
      head,
      versions: written,
      content: null,
      names: [],
      events,
      ...rest,
    }
  }
  return {
    id,
    head: () => head,
    version,
    push(content, { frontMatter, files, ...fields } = {}, headFields = {}) {
      const added = newVersion(content, head.versionCount + 1, fields)
      const names = [claim(added.version, added, null)]
      const shown = { latest: added.version, versionCount: added.order, ...headFields }
      return change(shown, [added], ['version_pushed'], {
        content: {
          version: added.version,
          sha256: added.contentSha256,
          text: content,
          frontMatter: frontMatter ?? null,
          ...(files !== undefined && { files }),
        },
        names,
      })
    },
    promote(label) {
      const before = head.stable === null ? [] : [{ ...version(head.stable), status: 'deprecated' as const }]
      const after = {
        ...version(label),
        status: 'stable' as const,
        promotedOver: head.stable,
        releasedAt: AT,
      }
      return change({ stable: label }, [...before, after], ['promoted'])
    },
    name(label, name, release = null) {
      const named = { ...version(label), aliases: [name, ...version(label).aliases] }
      return change({}, [named], ['alias_added'], { names: [claim(name, named, release)] })
    },
    amend: ({ head: fields = {}, versions: written = [], names = [], events = ['archived'] }) =>
      change(fields, written, events, { names }),
    fork: () => scriptedPrompt(id, head, [...versions.values()]),
  }
}

export function claim(
  name: VersionName,
  { version, identity }: Pick<VersionRecord, 'version' | 'identity'>,
  release: Release | null,
): NameClaim {
  return { key: versionNameKey(name), name, version, identity, release }
}

export function newHead(promptId: string): Head {
  return {
    promptId,
    revision: 0,
    stable: null,
    stableBy: null,
    withdrawn: null,
    latest: null,
    latestBy: null,
    owner: null,
    hold: null,
    rolledBack: [],
    highest: null,
    fences: {},
    versionCount: 0,
    createdAt: AT,
    updatedAt: AT,
  }
}

function newVersion(content: string, order: number, fields: Partial<VersionRecord>): VersionRecord {
  const body = { content, variables: fields.variables ?? undefined, config: fields.config ?? undefined }
  const identity = bareIdentity(body)
  return {
    ...PLAIN_VERSION,
    version: identityLabel(identity),
    order,
    status: 'draft',
    identity,
    contentSha256: sha256(content),
    payloadSha256: payloadSha256(body),
    createdAt: AT,
    updatedAt: AT,
    ...fields,
  }
}

let events = 0

function event(id: string, sequence: number, type: EventType): PromptEvent {
  const details = { note: `event ${sequence} of ${id}` }
  return {
    id: `event-${++events}`,
    prompt_id: id,
    sequence,
    type,
    at: AT,
    actor: 'tester',
    reason: null,
    from: null,
    to: null,
    details,
  }
}

export function sourceRecord(name: string, fields: Partial<SourceRecord> = {}): SourceRecord {
  return {
    name,
    version: 1,
    revision: 1,
    state: { watermark: 'a' },
    attention: 0,
    ledgerLength: 0,
    leaseToken: 0,
    lease: null,
    forgotten: null,
    updatedAt: AT,
    ...fields,
  }
}
