import { eachAtOnce } from '../../api/contract/each-at-once.ts'
import { type ErrorCode, RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { BatchOperation, RegistryApi } from '../../api/contract/registry-api.ts'
import { TransportError } from '../../client/transport/transport.ts'
import type { NewFinding } from '../findings/finding.ts'
import { type NameChange, type PlannedChange, type PromptChanges, summaryOfChanges } from '../plan/changes.ts'
import { Outcomes } from '../plan/outcome-list.ts'
import { type ChangeOutcome, failure, namingInstead, outcomeOf, refusal } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import { fileBlobs } from '../prompts/file-blobs.ts'
import { splitBlob } from '../prompts/read-files.ts'
import { readSidecars, sidecarsOf } from '../prompts/sidecar-texts.ts'
import { largeTag } from '../releases/tag-findings.ts'
import type { GitSnapshot, TagObject } from '../source/git-source.ts'
import type { FindPullRequests } from '../source/merged-pull-request.ts'
import type { Oid } from '../source/oid.ts'
import { smallTagObjects } from '../source/small-tag-objects.ts'
import { mayRetireRead } from '../state/due-pass.ts'
import type { SetDue } from '../state/set-due.ts'
import type { List } from '../values/packed-list.ts'
import type { VerifyConfig } from '../verification/settings.ts'
import { type BatchContext, operationOf } from './batch-operation.ts'
import { type FileText, type PlannedTexts, toBatches, toRequests } from './batches.ts'
import { readFolderTexts } from './folder-texts.ts'
import { moveSet } from './move-set.ts'
import type { LeasedPass, Progress } from './pass-input.ts'
import { tagSigners } from './tag-signers.ts'
import { type Begun, begin } from './write-state.ts'

/** The result of a plan. */
export interface Applied {
  /** The state that the pass recorded before its first change. */
  readonly begun: Begun
  readonly outcomes: List<ChangeOutcome>
  /** Findings from carrying out the plan. */
  readonly findings: readonly NewFinding[]
  /** The move of the set that is still due. */
  readonly setDue: SetDue
}

/**
 * Records the start of the changes, makes them, and moves the source's set last. `null` if the source was rolled back
 * meanwhile.
 */
export async function apply(pass: LeasedPass, plan: Plan): Promise<Applied | null> {
  const begun = await begin(pass, plan)
  const { api, snapshot, repository, token, signal, onProgress } = pass
  const findings: NewFinding[] = []
  const outcomes = await applyPlan(plan, {
    ...{ api, snapshot, repository, leaseToken: token, signal, onProgress },
    findPullRequests: pass.findPullRequests,
    verify: pass.source.verify,
    retireRead: mayRetireRead(pass),
    now: pass.now(),
    onLargeTag: (tag) => findings.push(largeTag(tag)),
  })
  pass.onOutcomes?.(outcomes)
  const moved = await moveSet(pass, plan, begun.state.set_due, outcomes)
  if (moved === null) return null
  return { begun, outcomes, findings: [...findings, ...moved.findings], setDue: moved.due }
}

export interface ApplyInput {
  readonly api: RegistryApi
  readonly snapshot: GitSnapshot
  readonly repository: string
  readonly leaseToken: number
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly findPullRequests?: FindPullRequests | undefined
  readonly verify?: VerifyConfig | undefined
  /** Whether to retire prompts that somebody reads. Default: false. */
  readonly retireRead?: boolean | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Called for each tag whose object is too large to be read; its events do not name the tagger. */
  readonly onLargeTag?: ((tag: string) => void) | undefined
}

type ApplyWork = Omit<ApplyInput, 'retireRead'> & BatchContext

/** Codes with which the registry refuses a whole request because of one bad operation. */
const FLAWS: readonly ErrorCode[] = ['invalid_request', 'invalid_json', 'invalid_text', 'too_large']
/** Concurrent batches. */
const CONCURRENCY = 4

/** Carries out a plan: first the current changes of all prompts, then the backfill. One outcome per change. */
export async function applyPlan(plan: Plan, input: ApplyInput): Promise<List<ChangeOutcome>> {
  const { source, tags } = plan
  const changes = summaryOfChanges(plan)
  const [tagObjects, pullRequests] = await Promise.all([
    tagObjectsOf(plan, changes.tags, input),
    pullRequestsOf(changes.commits, input),
  ])
  const signers = await tagSigners(plan, changes.tags, tagObjects, { verify: input.verify, now: input.now })
  const work = {
    ...input,
    source,
    tags,
    tagObjects,
    signers,
    pullRequests,
    retireRead: input.retireRead === true,
  }
  const outcomes = new Outcomes(plan, changes)
  for (const stage of [plan.current, plan.backfill]) {
    const instead: NameChange[] = []
    await applyStage(stage, work, (made, place) => {
      outcomes.set(place + (stage === plan.backfill ? outcomes.current : 0), made)
      instead.push(...made.map(namingInstead).filter((change) => change !== null))
      input.onProgress?.({ done: outcomes.done, total: outcomes.total })
    })
    await applyStage(
      instead.map((change) => ({ id: change.id, changes: [change] })),
      work,
      (named) => outcomes.add(named.filter(({ kind }) => kind === 'refused' || kind === 'failed')),
    )
  }
  return outcomes
}

/** `note` takes the outcomes of changes that follow each other, and the place of the first one in the stage. */
async function applyStage(
  stage: Iterable<PromptChanges>,
  input: ApplyWork,
  note: (outcomes: readonly ChangeOutcome[], place: number) => void,
): Promise<void> {
  let next = 0
  await eachAtOnce(CONCURRENCY, toBatches(stage), async (batch) => {
    const place = next
    next += batch.length
    input.signal.throwIfAborted()
    note(await applyBatch(batch, input), place)
  })
}

async function applyBatch(batch: readonly PlannedChange[], input: ApplyWork): Promise<ChangeOutcome[]> {
  const texts = await readTexts(input, batch)
  const outcomes: ChangeOutcome[] = []
  for (const part of toRequests(batch, texts)) {
    const folderTexts = await readFolderTexts(input.snapshot, part)
    const operations = await Promise.all(part.map((change) => operationOf(change, texts, folderTexts, input)))
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

/** The tag objects behind a plan's changes. A host that limits requests may leave some out. */
async function tagObjectsOf(
  plan: Pick<Plan, 'tags'>,
  tags: ReadonlySet<string>,
  { snapshot, onLargeTag }: ApplyInput,
): Promise<ReadonlyMap<Oid, TagObject>> {
  const objectOf = (tag: string) => plan.tags.get(tag)?.object ?? null
  const asked = [...tags].flatMap((tag) => objectOf(tag) ?? [])
  const { objects, tooLarge } = await smallTagObjects(snapshot, asked)
  for (const tag of tags) if (tooLarge.has(objectOf(tag) ?? '')) onLargeTag?.(tag)
  return objects
}

/** A first pass may name thousands of older releases. Those of current changes come first. */
const MOST_PULL_REQUESTS = 100

async function pullRequestsOf(
  commits: ReadonlySet<Oid>,
  { findPullRequests, signal }: ApplyInput,
): Promise<BatchContext['pullRequests']> {
  if (findPullRequests === undefined || commits.size === 0) return new Map()
  return await findPullRequests([...commits].slice(0, MOST_PULL_REQUESTS), signal)
}

async function readTexts({ snapshot }: ApplyWork, batch: readonly PlannedChange[]): Promise<PlannedTexts> {
  const texts = new Map<PlannedChange, FileText>()
  const pushes = Map.groupBy(
    batch.filter((change) => change.do === 'push'),
    ({ blob }) => blob,
  )
  if (pushes.size === 0) return texts
  const beside = await readSidecars(snapshot, [...pushes.values()].flat())
  for await (const blob of fileBlobs(snapshot, pushes.keys(), LIMITS.fileBytes)) {
    for (const change of pushes.get(blob.oid) ?? []) {
      const text = splitBlob(blob, change)
      if (text !== undefined) texts.set(change, { ...text, sidecars: sidecarsOf(change, beside) })
    }
  }
  return texts
}
