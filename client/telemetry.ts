import type { Found } from './tier.ts'

/** As much of a span of OpenTelemetry as is used. */
export interface Span {
  setAttributes(attributes: Readonly<Record<string, string | boolean>>): unknown
}

/** The span that is active now. `undefined` if OpenTelemetry is not there. */
export type LoadActiveSpan = () => Promise<(() => Span | undefined) | undefined>

/**
 * Names the prompt in the active span: `gen_ai.prompt.name` and `gen_ai.prompt.version` as the semantic conventions
 * for generative AI have them, and names of our own for the release and where it came from.
 */
export function spanAttributes(
  { promptId, version, release }: Pick<Found, 'promptId' | 'version' | 'release'>,
  tier: string,
  stale: boolean,
): Readonly<Record<string, string | boolean>> {
  return {
    'gen_ai.prompt.name': promptId,
    ...(version !== null && { 'gen_ai.prompt.version': version }),
    ...(release !== null && { 'prompt_registry.release': release }),
    'prompt_registry.tier': tier,
    'prompt_registry.stale': stale,
  }
}
