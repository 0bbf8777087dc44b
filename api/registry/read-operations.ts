import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { effectiveMode, type Mode, seesDrafts } from '../contract/mode.ts'
import { parsePromptId } from '../contract/prompt-id.ts'
import { parseReference, type Reference } from '../contract/reference.ts'
import type {
  DiffQuery,
  RegistryApi,
  ResolvedPrompt,
  ResolveManyAnswer,
  ResolveQuery,
} from '../contract/registry-api.ts'
import { parseVersionName, versionNameKey } from '../contract/version-name.ts'
import type { Snapshot } from '../store/records.ts'
import { type DiffSide, unifiedDiff } from './diff.ts'
import { promptRow, resolvedPrompt, versionRow } from './documents.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { chooseVersion } from './resolve.ts'

type Reads = Pick<RegistryApi, 'list' | 'resolve' | 'resolveMany' | 'versions' | 'diff' | 'events' | 'health'>

/** What may be asked of the registry without changing it. */
export function readOperations(context: OperationContext): Reads {
  const { prompts, settings } = context
  const page = (query: { limit?: number; cursor?: string | undefined } = {}) => ({
    limit: query.limit ?? LIMITS.defaultPage,
    cursor: query.cursor,
  })
  return {
    async list(query = {}) {
      const { prefix, source, status } = query
      const found = await prompts.page<'prompts'>({ of: 'prompts', ...page(query), prefix, source, status })
      const unadopted = found.unadopted === true && { unadopted: true }
      return { prompts: found.items.map(promptRow), next_cursor: found.next, ...unadopted }
    },
    async resolve(reference, query = {}) {
      const mode = effectiveMode(query.mode, settings.allowedModes)
      return await resolveOne(context, withVersion(parseReference(reference), query), mode)
    },
    async resolveMany({ references, mode }) {
      return await resolveEach(context, references, effectiveMode(mode, settings.allowedModes))
    },
    async versions(id, query) {
      const { head } = existing(id, await prompts.snapshot(parsePromptId(id)))
      const found = await prompts.page<'versions'>({ of: 'versions', promptId: id, ...page(query) })
      return { prompt_id: head.promptId, versions: found.items.map(versionRow), next_cursor: found.next }
    },
    async diff(id, query = {}) {
      return await diffOf(context, parsePromptId(id), query)
    },
    async events(id, query) {
      const { head } = existing(id, await prompts.snapshot(parsePromptId(id)))
      const found = await prompts.page<'events'>({ of: 'events', promptId: id, ...page(query) })
      return { prompt_id: head.promptId, events: [...found.items], next_cursor: found.next }
    },
    async health() {
      await prompts.check()
      return { status: 'ok' }
    },
  }
}

/** The pin may be in the reference or in the query, and in both only where they agree. */
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

async function resolveOne(
  context: OperationContext,
  reference: Reference,
  mode: Mode,
): Promise<ResolvedPrompt> {
  const { prompts, settings } = context
  const { id, pin } = reference
  const [snapshot, pinned] = await Promise.all([
    prompts.snapshot(id),
    pin === undefined ? undefined : namedVersion(context, id, pin),
  ])
  const version = chooseVersion(reference, snapshot, pinned, mode, settings)
  const { head } = existing(id, snapshot)
  return resolvedPrompt(head, version, await prompts.content(id, version))
}

async function namedVersion({ prompts }: OperationContext, id: string, name: string) {
  const key = versionNameKey(name)
  return (await prompts.find(id, { names: [key] })).byName.get(key)
}

async function resolveEach(
  context: OperationContext,
  references: readonly string[],
  mode: Mode,
): Promise<ResolveManyAnswer> {
  const found = await Promise.all(
    references.map(async (reference) => {
      try {
        return { reference, prompt: await resolveOne(context, parseReference(reference), mode) }
      } catch (error) {
        if (error instanceof RegistryError) return { reference, ...error.toDocument() }
        throw error
      }
    }),
  )
  let bytes = 0
  const results = found.map((result) => {
    if (!('prompt' in result)) return result
    bytes += Buffer.byteLength(result.prompt.content, 'utf8')
    return bytes <= LIMITS.resolvedBytes
      ? result
      : { reference: result.reference, ...answerTooLarge().toDocument() }
  })
  return { results }
}

function answerTooLarge(): RegistryError {
  return new RegistryError(
    'too_large',
    `The answer would have more than ${LIMITS.resolvedBytes} bytes of text; ask for this one in another request.`,
  )
}

async function diffOf(context: OperationContext, id: string, { v1, v2 }: DiffQuery) {
  if ((v1 === undefined) !== (v2 === undefined)) {
    throw new RegistryError(
      'invalid_request',
      'A diff needs both v1 and v2, or neither (then it goes from stable to latest).',
    )
  }
  const snapshot = existing(id, await context.prompts.snapshot(id))
  const [before, after] = await Promise.all([
    diffSide(context, snapshot, v1 ?? 'stable'),
    diffSide(context, snapshot, v2 ?? 'latest'),
  ])
  return {
    prompt_id: id,
    v1: before.version.label,
    v2: after.version.label,
    diff: unifiedDiff(id, before, after),
  }
}

/** One side of a diff, read as the freest mode that this deployment answers would read it. */
async function diffSide(context: OperationContext, snapshot: Snapshot, name: string): Promise<DiffSide> {
  const { prompts, settings } = context
  const id = snapshot.head.promptId
  const label = name === 'stable' || name === 'latest' ? snapshot.head[name] : parseVersionName(name)
  if (label === null) {
    throw new RegistryError(
      'not_found',
      `The prompt "${id}" has no ${name} version; name two versions to compare.`,
      {
        details: { prompt_id: id, version: name },
      },
    )
  }
  const mode = settings.allowedModes.find(seesDrafts) ?? 'production'
  const version = chooseVersion(
    { id, pin: label },
    snapshot,
    await namedVersion(context, id, label),
    mode,
    settings,
  )
  return { name: version.label, version, content: await prompts.content(id, version) }
}
