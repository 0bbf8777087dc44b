import { RegistryError } from '../../contract/errors.ts'
import type { VersionName } from '../../contract/version-name.ts'
import {
  type CopiedText,
  type LeftOut,
  mapAhead,
  type PromptCopy,
  type RegistryReader,
  type SetsCopy,
} from '../copy.ts'
import type { UnreadableRow } from '../prompt-store.ts'
import { PLAIN_VERSION, type PromptEvent, type VersionRecord } from '../records.ts'
import type { SetStore } from '../set-store.ts'
import type { SourceStore } from '../source-store.ts'
import { NOT_OURS } from './adopt-seeded.ts'
import type { Storage } from './committing.ts'
import { readFeed } from './feed.ts'
import { type Key, keyOf, LAST, promptHash, type Row, text } from './keys.ts'
import { createAwsPrompts } from './prompts.ts'
import type { StoredSnapshot } from './record-json.ts'
import { nameOf, readable, storedSnapshotOf, storedVersionOf } from './rows.ts'
import { claimsOfLabel } from './seeded-prompt.ts'

const PROMPTS_AHEAD = 8
const SOURCES_A_PAGE = 100
const A_PAGE = 1000
/** A prompt that changes while it is read is read again. */
const MOST_READINGS = 10

/** Reads a whole registry on AWS, which may be in use. Leaves out seeded prompts that nobody adopted. */
export function createTableReader(storage: Storage, sources: SourceStore, sets: SetStore): RegistryReader {
  const leftOut: LeftOut[] = []
  const leaveOut = (subject: string, problem: string) => void leftOut.push({ subject, problem })
  return {
    leftOut,
    sources: () => readSources(sources, sets, leaveOut),
    async *prompts() {
      const read = (key: Key) => readPrompt(storage, key, leaveOut)
      for await (const prompt of mapAhead(headKeys(storage, leaveOut), PROMPTS_AHEAD, read))
        if (prompt !== null) yield prompt
    },
    events: () => readEvents(storage, leaveOut),
  }
}

type LeaveOut = (subject: string, problem: string) => void

async function* readSources(sources: SourceStore, sets: SetStore, leaveOut: LeaveOut) {
  for await (const record of allOf((cursor) => sources.list({ limit: SOURCES_A_PAGE, cursor }), leaveOut)) {
    const { name } = record
    const ledger = allOf((cursor) => sources.ledger(name, { limit: A_PAGE, cursor }), leaveOut)
    const findings = allOf((cursor) => sources.findings(name, { limit: A_PAGE, cursor }), leaveOut)
    yield {
      record,
      ledger: await Array.fromAsync(ledger),
      findings: await Array.fromAsync(findings),
      sets: await readSets(sets, name, leaveOut),
    }
  }
}

/** The pointer first: others may move it meanwhile. */
async function readSets(sets: SetStore, source: string, leaveOut: LeaveOut): Promise<SetsCopy> {
  const pointer = (await sets.pointer(source)) ?? null
  const moves = allOf((cursor) => sets.moves(source, { limit: A_PAGE, cursor }), leaveOut)
  const stored = allOf((cursor) => sets.stored(source, { limit: A_PAGE, cursor }), leaveOut)
  const last = pointer?.move.sequence ?? 0
  return {
    pointer,
    moves: (await Array.fromAsync(moves)).filter(({ sequence }) => sequence <= last),
    stored: await Array.fromAsync(stored),
    set: async (digest) => (await sets.get(digest)) ?? null,
    proof: async (digest) => (await sets.proof(digest)) ?? null,
  }
}

interface SomePage<T> {
  readonly items: readonly T[]
  readonly next: string | null
  readonly unreadable?: readonly { readonly row: string; readonly problem: string }[]
}

async function* allOf<T>(read: (cursor?: string) => Promise<SomePage<T>>, leaveOut: LeaveOut) {
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    yield* page.items
    for (const { row, problem } of page.unreadable ?? []) leaveOut(row, problem)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}

/** At the end, a page has fewer events than asked for, and its cursor is for later events. */
async function* readEvents({ table, now }: Storage, leaveOut: LeaveOut): AsyncGenerator<PromptEvent> {
  let cursor: string | undefined
  for (;;) {
    const { items, next, unreadable = [] } = await readFeed(table, { limit: A_PAGE, cursor }, now())
    yield* items
    for (const { row, problem } of unreadable) leaveOut(row, problem)
    if (items.length + unreadable.length < A_PAGE) return
    cursor = next ?? undefined
  }
}

/** Finds heads, and rows of other programs, which have no head until they are adopted. */
async function* headKeys({ table }: Storage, leaveOut: LeaveOut): AsyncGenerator<Key> {
  const filter = {
    expression: `begins_with(#hash, :prompt) AND #range = :head OR ${NOT_OURS.expression}`,
    values: { ...NOT_OURS.values, ':prompt': { S: promptHash('') }, ':head': { S: 'head' } },
    names: NOT_OURS.names,
  }
  const seeded = new Set<string>()
  for await (const { keys } of table.scan(filter))
    for (const key of keys) {
      const { prompt_key: id } = key
      if (id.startsWith(promptHash(''))) yield key
      else if (!seeded.has(id)) {
        seeded.add(id)
        if ((await table.get(keyOf.head(id))) === undefined) leaveOut(id, UNADOPTED)
      }
    }
}

const UNADOPTED = 'It was seeded, and nobody adopted it. Run "promptctl adopt" first.'

/** `null` if the prompt cannot be read. */
async function readPrompt(storage: Storage, key: Key, leaveOut: LeaveOut): Promise<PromptCopy | null> {
  for (let reading = 1; reading <= MOST_READINGS; reading++) {
    const row = await storage.table.get(key)
    const { items, unreadable } = readable(row === undefined ? [] : [row], storedSnapshotOf)
    const problems = [...unreadable]
    const [snapshot] = items
    const prompt = snapshot && (await readParts(storage, snapshot, problems))
    const isSame = row?.revision?.N === (await storage.table.get(key))?.revision?.N
    if (!isSame) continue
    for (const { row: subject, problem } of problems) leaveOut(subject, problem)
    return prompt === undefined
      ? null
      : {
          ...prompt,
          text: (version) => readText(storage, prompt, version, leaveOut),
          file: (sha256) => readFile(storage, prompt, sha256, leaveOut),
        }
  }
  throw new RegistryError(
    'busy',
    `The prompt of the row "${key.prompt_key}" changes too often to be copied. Try again.`,
  )
}

type PromptParts = Omit<PromptCopy, 'text' | 'file'>

/** Everything of a prompt, in two queries and one more for versions that other programs added. */
async function readParts(
  storage: Storage,
  snapshot: StoredSnapshot,
  problems: UnreadableRow[],
): Promise<PromptParts> {
  const { table, memory, seeded } = storage
  const { head, stable, latest } = snapshot
  const id = head.promptId
  // Between the names and the copies of revoked versions are only rows of a few bytes.
  const beside = { hash: promptHash(id), from: 'name#', to: `revoked#${LAST}` }
  const [own, others] = await Promise.all(
    [{ hash: id }, beside].map((query) => Array.fromAsync(table.rows(query))),
  )
  const read = <T>(rows: readonly Row[] = [], one: (row: Row) => T, ...ranges: string[]): readonly T[] => {
    const asked = ranges.length === 0 ? rows : rows.filter((row) => ranges.some((range) => isIn(row, range)))
    const { items, unreadable } = readable(asked, one)
    problems.push(...unreadable)
    return items
  }
  // A version's own row comes last, because it is the newest. The head and the copies of revoked versions replace lost ones.
  const stored = [stable, latest, ...read(others, storedVersionOf, 'revoked#'), ...read(own, storedVersionOf)]
  const byLabel = new Map<VersionName, VersionRecord>()
  for (const one of stored) {
    if (one == null) continue
    memory.keepPlace(id, one)
    byLabel.set(one.record.version, { ...PLAIN_VERSION, ...one.record })
  }
  const claims = new Map(read(others, nameOf, 'name#', 'release#').map((claim) => [claim.key, claim]))
  const strays = own?.some((row) => row.record === undefined) ? await seeded.strays(id) : []
  return withStrays(
    { head, versions: [...byLabel.values()].sort((a, b) => a.order - b.order), names: [...claims.values()] },
    await seeded.records(id, strays),
  )
}

function isIn(row: Row, range: string): boolean {
  return text(row.version)?.startsWith(range) === true
}

/** Numbers versions that other programs added, as the next change of the prompt would. */
function withStrays({ head, versions, names }: PromptParts, strays: readonly VersionRecord[]): PromptParts {
  const { versionCount } = head
  const added = strays.map((version, index) => ({ ...version, order: versionCount + index + 1 }))
  const taken = new Set(names.map(({ key }) => key))
  const claims = added.flatMap(claimsOfLabel).filter(({ key }) => !taken.has(key))
  return {
    head: { ...head, versionCount: versionCount + added.length },
    versions: [...versions, ...added],
    names: [...names, ...claims],
  }
}

async function readText(
  storage: Storage,
  { head }: PromptParts,
  version: VersionRecord,
  leaveOut: LeaveOut,
): Promise<CopiedText> {
  const prompts = createAwsPrompts(storage)
  const { promptId, deleted } = head
  const [content, frontMatter] = await Promise.all([
    prompts.content(promptId, version).catch((error: unknown) => {
      const isKnown = deleted !== undefined || version.textLost === true
      return missing(error, (message) => !isKnown && leaveOut(promptId, message))
    }),
    version.fileSha256 === null ? '' : prompts.frontMatter(promptId, version),
  ])
  return { content, frontMatter }
}

async function readFile(
  storage: Storage,
  { head: { promptId, deleted } }: PromptParts,
  sha256: string,
  leaveOut: LeaveOut,
): Promise<string | null> {
  const reading = createAwsPrompts(storage).file(promptId, sha256)
  return await reading.catch((error: unknown) =>
    missing(error, (message) => deleted === undefined && leaveOut(promptId, message)),
  )
}

/** Tells of a missing object; rethrows all other errors. */
function missing(error: unknown, tell: (message: string) => unknown): null {
  if (!(error instanceof RegistryError) || error.code !== 'text_missing') throw error
  tell(error.message)
  return null
}
