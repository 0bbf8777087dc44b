import { type ErrorCode, RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { BatchOperation, PushRequest, RegistryApi, ReleaseTag } from '../../api/contract/registry-api.ts'
import type { Additions } from '../../api/contract/version.ts'
import { TransportError } from '../../client/transport/transport.ts'
import type { HealChange, PlannedChange, PromptChanges, PushChange } from '../plan/changes.ts'
import { type ChangeOutcome, failure, namingInstead, outcomeOf, refusal } from '../plan/outcomes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { splitBlob } from '../prompts/read-files.ts'
import type { CommitInfo, GitSnapshot, TagObject } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { smallTagObjects } from '../source/small-tag-objects.ts'

export interface ApplyInput {
  readonly api: RegistryApi
  readonly snapshot: GitSnapshot
  readonly repository: string
  readonly leaseToken: number
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Called for each tag whose object is too large to be read; its events do not name the tagger. */
  readonly onLargeTag?: ((tag: string) => void) | undefined
}

interface ApplyWork extends ApplyInput {
  readonly source: string
  readonly tags: Plan['tags']
  readonly tagObjects: ReadonlyMap<Oid, TagObject>
}

/** The two parts of a prompt file. */
interface FileText {
  readonly frontMatter: string
  readonly content: string
}

type PlannedTexts = ReadonlyMap<PlannedChange, FileText>

export interface Progress {
  readonly done: number
  readonly total: number
}

/** Codes with which the registry refuses a whole request because of one bad operation. */
const FLAWS: readonly ErrorCode[] = ['invalid_request', 'invalid_json', 'invalid_text', 'too_large']
/** Maximum length of a string in an origin. Git has no such limit. */
const ORIGIN_CHARACTERS = 1024
/** Concurrent batches. */
const CONCURRENCY = 4
/** Leaves room in the request body for everything but content. */
const CONTENT_PER_BATCH = LIMITS.bodyBytes / 2

/** Carries out a plan: first the current changes of all prompts, then the backfill. One outcome per change. */
export async function applyPlan(plan: Plan, input: ApplyInput): Promise<ChangeOutcome[]> {
  const { source, tags } = plan
  const work = { ...input, source, tags, tagObjects: await tagObjectsOf(plan, input) }
  const total = changesOf(plan).length
  const outcomes: ChangeOutcome[] = []
  const note = (made: readonly ChangeOutcome[]) => {
    outcomes.push(...made)
    input.onProgress?.({ done: Math.min(outcomes.length, total), total })
  }
  for (const stage of [plan.current, plan.backfill]) {
    const made = await applyStage(stage, work, note)
    const instead = made.map(namingInstead).filter((change) => change !== null)
    const named = await applyStage(
      instead.map((change) => ({ id: change.id, changes: [change] })),
      work,
      () => {},
    )
    outcomes.push(...named.filter(({ kind }) => kind === 'refused' || kind === 'failed'))
  }
  return outcomes
}

async function applyStage(
  stage: readonly PromptChanges[],
  input: ApplyWork,
  note: (outcomes: readonly ChangeOutcome[]) => void,
): Promise<ChangeOutcome[]> {
  const made: ChangeOutcome[] = []
  const waiting = toBatches(stage)
  const worker = async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      input.signal.throwIfAborted()
      const outcomes = await applyBatch(batch, input)
      made.push(...outcomes)
      note(outcomes)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return made
}

/**
 * Groups changes for requests of at most `LIMITS.batch` operations. All changes of a prompt stay in one batch, in
 * order. A batch that is too long for one request is sent in parts, one after another.
 */
export function toBatches(stage: readonly PromptChanges[]): PlannedChange[][] {
  const batches: PlannedChange[][] = []
  for (const { changes } of stage) {
    const last = batches.at(-1)
    if (last !== undefined && last.length + changes.length <= LIMITS.batch) last.push(...changes)
    else batches.push([...changes])
  }
  return batches
}

async function applyBatch(batch: readonly PlannedChange[], input: ApplyWork): Promise<ChangeOutcome[]> {
  const texts = await readTexts(input, batch)
  const outcomes: ChangeOutcome[] = []
  for (const part of toRequests(batch, texts)) {
    const operations = await Promise.all(part.map((change) => operationOf(change, texts, input)))
    outcomes.push(...(await send(part, operations, input)))
  }
  return outcomes
}

async function send(
  part: readonly PlannedChange[],
  operations: BatchOperation[],
  input: ApplyWork,
): Promise<ChangeOutcome[]> {
  const { api, signal } = input
  try {
    const { outcomes } = await api.batch({ operations }, { signal })
    return part.map((change, index) => {
      const answer = outcomes[index]
      return answer === undefined
        ? failure(change, 'The registry returned no outcome.')
        : outcomeOf(change, answer)
    })
  } catch (error) {
    signal.throwIfAborted()
    // Anything else is a bug. It must fail the pass instead of being retried for ever.
    if (!(error instanceof RegistryError || error instanceof TransportError)) throw error
    if (error instanceof TransportError || !FLAWS.includes(error.code))
      return part.map((change) => failure(change, error.message))
    return part.length === 1
      ? part.map((change) => refusal(change, error.code, error.message))
      : await sendEach(part, operations, input)
  }
}

/** Sends changes one by one, so that the one that the registry refuses does not block the others. */
async function sendEach(
  part: readonly PlannedChange[],
  operations: readonly BatchOperation[],
  input: ApplyWork,
): Promise<ChangeOutcome[]> {
  const outcomes: ChangeOutcome[] = []
  for (const [index, change] of part.entries())
    outcomes.push(...(await send([change], operations.slice(index, index + 1), input)))
  return outcomes
}

function toRequests(batch: readonly PlannedChange[], texts: PlannedTexts): PlannedChange[][] {
  const requests: PlannedChange[][] = []
  let bytes = 0
  for (const change of batch) {
    const text = texts.get(change)
    const size = text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text), 'utf8')
    const last = requests.at(-1)
    if (last === undefined || last.length === LIMITS.batch || bytes + size > CONTENT_PER_BATCH) {
      requests.push([change])
      bytes = size
    } else {
      last.push(change)
      bytes += size
    }
  }
  return requests
}

async function operationOf(
  change: PlannedChange,
  texts: PlannedTexts,
  work: ApplyWork,
): Promise<BatchOperation> {
  const { source, leaseToken: lease_token, snapshot, repository } = work
  if (change.do === 'push') {
    const text = texts.get(change)
    if (text === undefined)
      throw new Error(`the plan pushes ${change.path}, but its content cannot become a version`)
    const commit = await snapshot.commit(change.commit)
    return { op: 'push', ...pushRequest(source, change, text, repository, commit), lease_token }
  }
  const asSource = { prompt_id: change.id, source, lease_token }
  switch (change.do) {
    case 'archive': {
      const reason = `gone at commit ${change.commit.slice(0, 12)}`
      return { op: 'archive', archived: true, reason, ...asSource }
    }
    case 'heal':
      return { op: 'heal', ...healed(change), reason: 'restored from git', ...asSource }
    case 'retire':
      return { op: 'retire', release: change.release, ...byTag(change, work), ...asSource }
    case 'promote': {
      const { version, identity, release: alias } = change
      return { op: 'promote', version, identity, alias, ...byTag(change, work), ...asSource }
    }
    case 'name': {
      const { version, identity, release: alias, standing } = change
      const how = standing === 'waits' ? { waiting: true } : { counts: standing === 'counts' }
      return { op: 'alias', version, identity, alias, ...how, ...byTag(change, work), ...asSource }
    }
    default:
      return change satisfies never
  }
}

function healed({ stable, latest }: HealChange) {
  return {
    ...(stable !== null && {
      stable: { version: stable.version, identity: stable.identity, release: stable.release },
    }),
    ...(latest !== null && { latest: { version: latest.version, identity: latest.identity } }),
  }
}

/** The release tag that caused a change, for the audit trail. */
function byTag(
  { tag, commit }: { readonly tag: string; readonly commit: Oid },
  { tags, tagObjects }: ApplyWork,
): { readonly reason: string; readonly release_tag: ReleaseTag } {
  const { object = null, signer = null } = tags.get(tag) ?? {}
  const known = object === null ? undefined : tagObjects.get(object)
  return {
    reason: `release tag ${clip(tag)}`,
    release_tag: {
      tag: clip(tag),
      tag_object: object,
      commit,
      tagger: known?.tagger == null ? null : clip(known.tagger),
      tagged_at: known?.taggedAt ?? null,
      signer: signer === null ? null : clip(signer),
    },
  }
}

/** The tag objects behind a plan's changes. A host that limits requests may leave some out. */
async function tagObjectsOf(
  plan: Plan,
  { snapshot, onLargeTag }: ApplyInput,
): Promise<ReadonlyMap<Oid, TagObject>> {
  const tags = new Set(changesOf(plan).flatMap((change) => ('tag' in change ? [change.tag] : [])))
  const objectOf = (tag: string) => plan.tags.get(tag)?.object ?? null
  const asked = [...tags].flatMap((tag) => objectOf(tag) ?? [])
  const { objects, tooLarge } = await smallTagObjects(snapshot, asked)
  for (const tag of tags) if (tooLarge.has(objectOf(tag) ?? '')) onLargeTag?.(tag)
  return objects
}

function pushRequest(
  source: string,
  change: PushChange,
  text: FileText,
  repository: string,
  commit: CommitInfo,
): PushRequest {
  const { additions } = change
  return {
    prompt_id: change.id,
    content: text.content,
    front_matter: text.frontMatter,
    format: change.format,
    template_language: change.templateLanguage,
    ...(additions !== null && { additions: additionsOf(additions) }),
    latest: change.latest,
    origin: {
      source,
      repository,
      commit: change.commit,
      path: clip(change.path),
      blob: change.blob,
      author: clip(commit.author),
      committed_at: commit.committedAt,
    },
  }
}

function additionsOf({
  description,
  tags,
  format,
  templateLanguage,
}: Additions): NonNullable<PushRequest['additions']> {
  return {
    ...(description !== undefined && { description }),
    ...(tags !== undefined && { tags: [...tags] }),
    ...(format !== undefined && { format }),
    ...(templateLanguage !== undefined && { templateLanguage }),
  }
}

function clip(text: string): string {
  return text.slice(0, ORIGIN_CHARACTERS).replaceAll('\0', '').toWellFormed()
}

async function readTexts({ snapshot }: ApplyWork, batch: readonly PlannedChange[]): Promise<PlannedTexts> {
  const texts = new Map<PlannedChange, FileText>()
  const pushes = Map.groupBy(
    batch.filter((change) => change.do === 'push'),
    ({ blob }) => blob,
  )
  if (pushes.size === 0) return texts
  for await (const blob of snapshot.blobs(pushes.keys(), LIMITS.fileBytes)) {
    for (const change of pushes.get(blob.oid) ?? []) {
      const text = splitBlob(blob, change)
      if (text !== undefined) texts.set(change, text)
    }
  }
  return texts
}
