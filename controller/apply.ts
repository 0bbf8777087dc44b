import { type ErrorCode, RegistryError } from '../api/contract/errors.ts'
import { LIMITS } from '../api/contract/limits.ts'
import type { BatchOperation, PushRequest, RegistryApi } from '../api/contract/registry-api.ts'
import { MOST_FILE_BYTES, type PromptText, readPromptBlob } from './desired/prompt-text.ts'
import { failure, namingInstead, type Outcome, outcomeOf, refusal } from './pass/outcomes.ts'
import type { Change, PromptChanges, PushChange } from './plan/changes.ts'
import type { Plan } from './plan.ts'
import type { CommitInfo, GitSnapshot, Oid } from './source/git-source.ts'

export interface ApplyInput {
  readonly api: RegistryApi
  readonly snapshot: GitSnapshot
  readonly repository: string
  readonly leaseToken: number
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** What the plan itself says of how its texts are read. */
interface Work extends ApplyInput {
  readonly frontMatter: boolean
}

export interface Progress {
  readonly done: number
  readonly total: number
}

/** Codes of a request that is refused as a whole for something in it. */
const FLAWS: readonly ErrorCode[] = ['invalid_request', 'invalid_json', 'invalid_text', 'too_large']
/** Characters that a text of an origin may have; git has no limit. */
const ORIGIN_CHARACTERS = 1024
/** Batches on their way at the same time. */
const CONCURRENCY = 4
/** Leaves room in a body for what is not content. */
const CONTENT_PER_BATCH = LIMITS.bodyBytes / 2

/** Carries a plan out: what is current first, for all prompts, then the backfill. One outcome per change. */
export async function applyPlan(plan: Plan, input: ApplyInput): Promise<Outcome[]> {
  const work = { ...input, frontMatter: plan.layout.frontMatter }
  const total = [...plan.current, ...plan.backfill].reduce((sum, { changes }) => sum + changes.length, 0)
  const outcomes: Outcome[] = []
  const note = (made: readonly Outcome[]) => {
    outcomes.push(...made)
    input.onProgress?.({ done: Math.min(outcomes.length, total), total })
  }
  for (const stage of [plan.current, plan.backfill]) {
    const made = await applyStage(plan.source, stage, work, note)
    const instead = made.map(namingInstead).filter((change) => change !== null)
    const named = await applyStage(
      plan.source,
      instead.map((change) => ({ id: change.id, changes: [change] })),
      work,
      () => {},
    )
    outcomes.push(...named.filter(({ kind }) => kind === 'refused' || kind === 'failed'))
  }
  return outcomes
}

async function applyStage(
  source: string,
  stage: readonly PromptChanges[],
  input: Work,
  note: (outcomes: readonly Outcome[]) => void,
): Promise<Outcome[]> {
  const made: Outcome[] = []
  const waiting = toBatches(stage)
  const worker = async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      input.signal.throwIfAborted()
      const outcomes = await applyBatch(source, batch, input)
      made.push(...outcomes)
      note(outcomes)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return made
}

/**
 * Groups changes for requests of at most `LIMITS.batch` operations. All changes of a prompt are in one batch, in
 * their order; a batch that is too long for one request is sent in parts, one after another.
 */
export function toBatches(stage: readonly PromptChanges[]): Change[][] {
  const batches: Change[][] = []
  for (const { changes } of stage) {
    const last = batches.at(-1)
    if (last !== undefined && last.length + changes.length <= LIMITS.batch) last.push(...changes)
    else batches.push([...changes])
  }
  return batches
}

async function applyBatch(source: string, batch: readonly Change[], input: Work): Promise<Outcome[]> {
  const texts = await readTexts(input, batch)
  const outcomes: Outcome[] = []
  for (const part of toRequests(batch, texts)) {
    const operations = await Promise.all(part.map((change) => operationOf(source, change, texts, input)))
    outcomes.push(...(await send(part, operations, input)))
  }
  return outcomes
}

async function send(part: readonly Change[], operations: BatchOperation[], input: Work): Promise<Outcome[]> {
  const { api, signal } = input
  try {
    const { outcomes } = await api.batch({ operations }, { signal })
    return part.map((change, index) => {
      const answer = outcomes[index]
      return answer === undefined
        ? failure(change, 'The registry gave no outcome.')
        : outcomeOf(change, answer)
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RegistryError) || !FLAWS.includes(error.code))
      return part.map((change) => failure(change, (error as Error).message))
    return part.length === 1
      ? part.map((change) => refusal(change, error.code, error.message))
      : await sendEach(part, operations, input)
  }
}

/** One of them is not what the registry takes, and must not keep the others out. */
async function sendEach(
  part: readonly Change[],
  operations: readonly BatchOperation[],
  input: Work,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [index, change] of part.entries())
    outcomes.push(...(await send([change], operations.slice(index, index + 1), input)))
  return outcomes
}

function toRequests(batch: readonly Change[], texts: ReadonlyMap<Oid, PromptText>): Change[][] {
  const requests: Change[][] = []
  let bytes = 0
  for (const change of batch) {
    const text = change.do === 'push' ? texts.get(change.blob) : undefined
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
  source: string,
  change: Change,
  texts: ReadonlyMap<Oid, PromptText>,
  { repository, leaseToken, snapshot }: Work,
): Promise<BatchOperation> {
  if (change.do === 'push') {
    const text = texts.get(change.blob)
    if (text === undefined)
      throw new Error(`the plan pushes ${change.path}, whose text cannot become a version`)
    const commit = await snapshot.commit(change.commit)
    return { op: 'push', ...pushRequest(source, change, text, repository, commit), lease_token: leaseToken }
  }
  const asSource = { prompt_id: change.id, source, lease_token: leaseToken }
  if (change.do === 'archive') {
    const reason = `gone at commit ${change.commit.slice(0, 12)}`
    return { op: 'archive', archived: true, reason, ...asSource }
  }
  const { release, tag } = change
  const reason = `release tag ${tag}`
  if (change.do === 'retire') return { op: 'retire', release, reason, ...asSource }
  return { op: change.do, version: change.label, alias: release, reason, ...asSource }
}

function pushRequest(
  source: string,
  change: PushChange,
  text: PromptText,
  repository: string,
  commit: CommitInfo,
): PushRequest {
  return {
    prompt_id: change.id,
    content: text.content,
    ...(text.variables !== null && { variables: text.variables as NonNullable<PushRequest['variables']> }),
    ...(text.config !== null && { config: text.config as NonNullable<PushRequest['config']> }),
    description: change.description,
    tags: [...change.tags],
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

function clip(text: string): string {
  return text.slice(0, ORIGIN_CHARACTERS).replaceAll('\0', '').toWellFormed()
}

async function readTexts(
  { snapshot, frontMatter }: Work,
  batch: readonly Change[],
): Promise<ReadonlyMap<Oid, PromptText>> {
  const texts = new Map<Oid, PromptText>()
  const oids = new Set(batch.flatMap((change) => (change.do === 'push' ? [change.blob] : [])))
  if (oids.size === 0) return texts
  for await (const blob of snapshot.blobs(oids, MOST_FILE_BYTES)) {
    const text = readPromptBlob(blob, { frontMatter })
    if (!('problem' in text)) texts.set(blob.oid, text)
  }
  return texts
}
