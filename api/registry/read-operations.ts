import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { effectiveMode, type Mode, seesDrafts } from '../contract/mode.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import { declaredInputs } from '../contract/reading/declared-inputs.ts'
import { parseReference, type Reference, seededReferences } from '../contract/reference.ts'
import type {
  DiffQuery,
  LookedUpPrompt,
  LookupRequest,
  RegistryApi,
  ResolvedPrompt,
  ResolveManyAnswer,
  ResolveManyRequest,
  ResolveQuery,
} from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'
import { type DiffSide, unifiedDiff } from './diff.ts'
import { foundVersion, promptRow, resolvedPrompt, versionRow } from './documents.ts'
import { entityTag } from './entity-tag.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { chooseVersion } from './resolve.ts'
import { visibilityOf, visibleEvents, visibleSnapshot } from './visibility.ts'

type Reads = Pick<
  RegistryApi,
  'list' | 'lookup' | 'resolve' | 'resolveMany' | 'versions' | 'diff' | 'events' | 'feed' | 'health'
>

/** The read operations of the registry. */
export function readOperations(context: OperationContext): Reads {
  const { prompts, settings } = context
  const visibility = visibilityOf(context)
  const page = (query: { limit?: number; cursor?: string | undefined } = {}) => ({
    limit: query.limit ?? LIMITS.defaultPage,
    cursor: query.cursor,
  })
  return {
    async list(query = {}) {
      const { prefix, source, status } = query
      const found = await prompts.page<'prompts'>({ of: 'prompts', ...page(query), prefix, source, status })
      const { unreadable = [] } = found
      const shown = visibility.hidesDrafts && status === 'draft' ? [] : found.items
      return {
        prompts: shown.flatMap((one) => visibility.listing(one) ?? []).map(promptRow),
        next_cursor: found.next,
        ...(unreadable.length > 0 && { unreadable: [...unreadable] }),
        ...(found.unadopted === true && { unadopted: true }),
      }
    },
    async lookup(request) {
      refuseTooMany(request)
      return { prompts: await Promise.all(request.prompts.map((one) => lookUp(context, one))) }
    },
    async resolve(reference, query = {}) {
      const mode = effectiveMode(query.mode, settings.allowedModes)
      const wants = wantsOf(query.include?.split(','), query.front_matter === 'true')
      return await resolveText(context, reference, mode, wants, query)
    },
    async resolveMany(request) {
      return await resolveEach(context, request, effectiveMode(request.mode, settings.allowedModes))
    },
    async versions(id, query) {
      const { head } = visibleSnapshot(visibility, id, await snapshotOf(context, id))
      const found = await prompts.page<'versions'>({ of: 'versions', promptId: id, ...page(query) })
      const versions = found.items
        .filter((version) => visibility.isVisible(version, head))
        .map((version) => versionRow(version, head))
      return { prompt_id: head.promptId, versions, next_cursor: found.next }
    },
    async diff(id, query = {}) {
      return await diffOf(context, id, query)
    },
    async events(id, query) {
      // The events of a deleted prompt stay readable.
      const snapshot = await snapshotOf(context, id)
      const shown = snapshot && visibility.listing(snapshot)
      const { head } = shown?.head.promptId === id ? shown : existing(id, shown)
      const found = await prompts.page<'events'>({ of: 'events', promptId: id, ...page(query) })
      const events = await visibleEvents(context, found.items)
      return { prompt_id: head.promptId, events, next_cursor: found.next }
    },
    async feed(query) {
      const { items, next } = await prompts.page<'feed'>({ of: 'feed', ...page(query) })
      const events = await visibleEvents(context, items)
      return { events, next_cursor: next, more: items.length === page(query).limit }
    },
    async health() {
      await prompts.check()
      return { status: 'ok' }
    },
  }
}

/** The pin may be in the reference, in the query, or in both if they agree. */
function withVersion(reference: Reference, { version }: ResolveQuery): Reference {
  if (version === undefined) return reference
  const pin = parseVersionName(version)
  if (reference.pin === undefined || versionNameKey(reference.pin) === versionNameKey(pin))
    return { id: reference.id, pin }
  throw new RegistryError(
    'invalid_reference',
    `The reference pins version "${reference.pin}" and the query asks for "${version}"; name one of them.`,
  )
}

/** What to add to a resolved prompt. */
interface Wants {
  readonly frontMatter: boolean
  readonly file: boolean
  readonly messages: boolean
}

function wantsOf(include: readonly string[] = [], frontMatter = false): Wants {
  return { frontMatter, file: include.includes('file'), messages: include.includes('messages') }
}

const NOT_AN_ID: readonly string[] = [
  'not_found',
  'invalid_prompt_id',
  'invalid_reference',
  'invalid_version',
]

/** Resolves a reference, or the seeded row with exactly this id, which may be outside of the grammar. */
async function resolveText(
  context: OperationContext,
  text: string,
  mode: Mode,
  wants: Wants,
  query: ResolveQuery = {},
): Promise<ResolvedPrompt> {
  try {
    return await resolveOne(context, withVersion(parseReference(text), query), mode, wants)
  } catch (error) {
    if (!(error instanceof RegistryError) || !NOT_AN_ID.includes(error.code)) throw error
    for (const reference of seededReferences(text)) {
      const snapshot = await context.prompts.snapshot(reference.id)
      if (snapshot?.head.promptId === reference.id)
        return await resolveOne(context, withVersion(reference, query), mode, wants)
    }
    throw error
  }
}

/** Throws `invalid_prompt_id` for an id outside of the grammar that no row has. */
async function snapshotOf({ prompts }: OperationContext, id: string): Promise<Snapshot | undefined> {
  const isSeedable = seededReferences(id).some((reference) => reference.id === id)
  const snapshot = await prompts.snapshot(isSeedable ? id : parsePromptId(id))
  if (isSeedable && snapshot?.head.promptId !== id) parsePromptId(id)
  return snapshot
}

async function resolveOne(
  context: OperationContext,
  reference: Reference,
  mode: Mode,
  wants: Wants,
): Promise<ResolvedPrompt> {
  const { prompts, settings } = context
  const { id, pin } = reference
  const [snapshot, pinned] = await Promise.all([
    prompts.snapshot(id),
    pin === undefined ? undefined : namedVersion(context, id, pin),
  ])
  const version = chooseVersion(reference, snapshot, pinned, mode, settings)
  const { head } = existing(id, snapshot)
  const content = await prompts.content(id, version)
  const reading = await context.readings.of(version, content)
  const resolved = resolvedPrompt(head, version, content, reading, pin !== undefined)
  const needsFile = (wants.frontMatter || wants.file) && version.fileSha256 !== null
  const front_matter = needsFile ? await prompts.frontMatter(id, version) : null
  return {
    ...resolved,
    ...(wants.frontMatter && { front_matter }),
    ...(wants.file && {
      file: front_matter === null ? null : front_matter + content,
      sidecars: version.sidecars ?? null,
    }),
    ...(wants.messages && {
      messages: reading.messages as ResolvedPrompt['messages'],
      template: reading.template,
      reading_problem: reading.readingProblem,
    }),
  }
}

type LookupItem = LookupRequest['prompts'][number]

/** Throws `invalid_request`. */
function refuseTooMany({ prompts }: LookupRequest): void {
  const sizeOf = ({ names = [], identities = [], contents = [] }: LookupItem) =>
    names.length + identities.length + contents.length
  const size = prompts.reduce((sum, one) => sum + sizeOf(one), 0)
  if (size <= LIMITS.lookupKeysInAll) return
  throw new RegistryError(
    'invalid_request',
    `prompts: have ${size} names, identities and contents in total; at most ${LIMITS.lookupKeysInAll} are allowed. Split the request.`,
  )
}

async function lookUp(context: OperationContext, item: LookupItem): Promise<LookedUpPrompt> {
  const { prompt_id: id, names = [], identities = [], contents = [] } = item
  const nothing = {
    prompt_id: id,
    prompt: null,
    names: {},
    versions: [],
    revoked_contents: [],
    stable_inputs: null,
    enforces_inputs: context.settings.inputs === 'enforce',
    problem: null,
  }
  try {
    const visibility = visibilityOf(context)
    const there = await snapshotOf(context, id)
    const snapshot = there && visibility.listing(there)
    if (snapshot === undefined) return nothing
    const { head } = snapshot
    const isVisible = (version: VersionRecord) => visibility.isVisible(version, head)
    const keys = [...new Set(names.map((name) => versionNameKey(parseVersionName(name))))]
    const found = await context.prompts.find(id, { names: keys, identities, contents })
    const named = names.flatMap((name) => {
      const version = found.byName.get(versionNameKey(name))
      return version === undefined || !isVisible(version)
        ? []
        : [[name, foundVersion(version, head)] as const]
    })
    return {
      ...nothing,
      prompt_id: head.promptId,
      prompt: promptRow(snapshot),
      names: Object.fromEntries(named),
      versions: [...found.byIdentity.values()]
        .filter(isVisible)
        .map((version) => foundVersion(version, head)),
      revoked_contents: revokedAmong(found.sameContent.filter(isVisible)),
      stable_inputs: declaredBy(snapshot.stable),
    }
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code === 'busy') throw error
    return { ...nothing, problem: error.toDocument() }
  }
}

function declaredBy(version: VersionRecord | null): LookedUpPrompt['stable_inputs'] {
  const inputs = version === null ? [] : declaredInputs(version)
  return inputs.length === 0 ? null : (inputs as LookedUpPrompt['stable_inputs'])
}

function revokedAmong(versions: readonly VersionRecord[]): string[] {
  const revoked = versions.filter(
    ({ status, revokedScope }) => status === 'revoked' && revokedScope === 'content',
  )
  return [...new Set(revoked.map(({ contentSha256 }) => contentSha256))]
}

async function namedVersion({ prompts }: OperationContext, id: string, name: string) {
  const key = versionNameKey(name)
  return (await prompts.find(id, { names: [key] })).byName.get(key)
}

async function resolveEach(
  context: OperationContext,
  { references, include, known = {} }: ResolveManyRequest,
  mode: Mode,
): Promise<ResolveManyAnswer> {
  const found = await Promise.all(
    references.map(async (reference) => {
      try {
        const prompt = await resolveText(context, reference, mode, wantsOf(include))
        const etag = entityTag(JSON.stringify(prompt))
        if (Object.hasOwn(known, reference) && known[reference] === etag)
          return { reference, etag, unchanged: true as const }
        return { reference, etag, prompt }
      } catch (error) {
        if (error instanceof RegistryError) return { reference, ...error.toDocument() }
        throw error
      }
    }),
  )
  let bytes = 0
  const results = found.map((result) => {
    if (!('prompt' in result)) return result
    bytes += sizeOf(result.prompt)
    return bytes <= LIMITS.resolvedBytes
      ? result
      : { reference: result.reference, ...answerTooLarge().toDocument() }
  })
  return { results }
}

/** Messages and file repeat the content. */
function sizeOf({ content, messages, template, file }: ResolvedPrompt): number {
  const texts = [content, template, file, ...(messages ?? []).map((message) => message.content)]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? '', 'utf8'), 0)
}

function answerTooLarge(): RegistryError {
  return new RegistryError(
    'too_large',
    `The response would exceed ${LIMITS.resolvedBytes} bytes of content; resolve this prompt in another request.`,
  )
}

async function diffOf(context: OperationContext, id: string, { v1, v2 }: DiffQuery) {
  if ((v1 === undefined) !== (v2 === undefined)) {
    throw new RegistryError(
      'invalid_request',
      'A diff needs both v1 and v2, or neither (default: stable to latest).',
    )
  }
  const snapshot = visibleSnapshot(visibilityOf(context), id, await snapshotOf(context, id))
  const [before, after] = await Promise.all([
    diffSide(context, snapshot, v1 ?? 'stable'),
    diffSide(context, snapshot, v2 ?? 'latest'),
  ])
  return {
    prompt_id: id,
    v1: before.name,
    v2: after.name,
    diff: unifiedDiff(id, before, after),
  }
}

/** One side of a diff, resolved in the least strict mode that this deployment serves. */
async function diffSide(context: OperationContext, snapshot: Snapshot, name: string): Promise<DiffSide> {
  const { prompts, settings } = context
  const id = snapshot.head.promptId
  const pin = name === 'stable' || name === 'latest' ? snapshot.head[name] : parseVersionName(name)
  if (pin === null) {
    throw new RegistryError(
      'not_found',
      `The prompt "${id}" has no ${name} version; name two versions to compare.`,
      {
        details: { prompt_id: id, version: name },
      },
    )
  }
  const mode = settings.allowedModes.find(seesDrafts) ?? 'production'
  const named = await namedVersion(context, id, pin)
  const isVisible = named !== undefined && visibilityOf(context).isVisible(named, snapshot.head)
  const version = chooseVersion({ id, pin }, snapshot, isVisible ? named : undefined, mode, settings)
  return { name: version.version, version, content: await prompts.content(id, version) }
}
