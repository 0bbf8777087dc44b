import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Mode } from '../contract/mode.ts'
import type { ResolvedPrompt, ResolveManyAnswer, ResolveManyRequest } from '../contract/registry-api.ts'
import { entityTag } from './entity-tag.ts'
import type { OperationContext } from './operation-context.ts'
import type { ReadVersion } from './report-read.ts'
import { resolveReference, wantsOf } from './resolve-reference.ts'
import { type ServedSets, setsFor } from './served-sets.ts'
import { settlingSources } from './settling-sources.ts'

/** How often a request starts over because sets moved while it was answered. */
const ATTEMPTS = 3

/** Resolves several references. A reference that fails has its error as the result. */
export async function resolveMany(
  context: OperationContext,
  request: ResolveManyRequest,
  mode: Mode,
): Promise<ResolveManyAnswer> {
  for (let attempt = 1; ; attempt++) {
    const sets = await setsFor(context, request, mode)
    const read: ReadVersion[] = []
    const results = await resolveAll({ ...context, read: (one) => read.push(one) }, request, mode, sets)
    const isDoubtful = results.some((result) => 'code' in result && DOUBTFUL.includes(result.code))
    if (isDoubtful && attempt < ATTEMPTS && (await sets?.haveMoved())) continue
    read.forEach(context.read)
    return { results }
  }
}

/** What a member is that was revoked, or went to another source, after the pointer was read. */
const DOUBTFUL: readonly string[] = ['revoked', 'not_in_set']

type Results = ResolveManyAnswer['results']

async function resolveAll(
  context: OperationContext,
  { references, include, known = {} }: ResolveManyRequest,
  mode: Mode,
  sets: ServedSets | null,
): Promise<Results> {
  const shared = { sets, isSettling: settlingSources(context.sets) }
  const found = await Promise.all(
    references.map(async (reference) => {
      try {
        const prompt = await resolveReference(context, reference, mode, wantsOf(include), {}, shared)
        const etag = entityTag(JSON.stringify(prompt))
        context.read({ promptId: prompt.prompt_id, version: prompt.version })
        if (Object.hasOwn(known, reference) && known[reference] === etag)
          return { reference, etag, unchanged: true as const }
        return { reference, etag, prompt }
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error
        context.failed(reference, error)
        return { reference, ...error.toDocument() }
      }
    }),
  )
  return withinBounds(found)
}

function withinBounds(found: Results): Results {
  let bytes = 0
  return found.map((result) => {
    if (!('prompt' in result)) return result
    bytes += sizeOf(result.prompt)
    return bytes <= LIMITS.resolvedBytes
      ? result
      : { reference: result.reference, ...answerTooLarge().toDocument() }
  })
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
