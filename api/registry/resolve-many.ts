import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Mode } from '../contract/mode.ts'
import type { ResolvedPrompt, ResolveManyAnswer, ResolveManyRequest } from '../contract/registry-api.ts'
import { entityTag } from './entity-tag.ts'
import type { OperationContext } from './operation-context.ts'
import { resolveReference, wantsOf } from './resolve-reference.ts'

/** Resolves several references. A reference that fails has its error as the result. */
export async function resolveMany(
  context: OperationContext,
  { references, include, known = {} }: ResolveManyRequest,
  mode: Mode,
): Promise<ResolveManyAnswer> {
  const found = await Promise.all(
    references.map(async (reference) => {
      try {
        const prompt = await resolveReference(context, reference, mode, wantsOf(include))
        const etag = entityTag(JSON.stringify(prompt))
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
