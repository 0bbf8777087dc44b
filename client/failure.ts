import { RegistryError } from '../api/contract/errors.ts'
import { type Attempt, LocalFileError, PromptResolutionError, type TierName } from './errors.ts'
import { isTransportError } from './transport/transport.ts'

/** What a tier's error says, for the list of attempts. */
export function attemptOf(tier: TierName, error: unknown): Attempt {
  if (error instanceof RegistryError || error instanceof LocalFileError || isTransportError(error)) {
    return { tier, code: error.code, message: error.message }
  }
  return { tier, code: 'internal', message: 'It failed in a way that it should not; see the cause.' }
}

/** True when no further tier may be asked: the text is revoked, or nobody waits for it any more. */
export function endsSearch(attempts: readonly Attempt[]): boolean {
  const code = attempts.at(-1)?.code
  return code === 'revoked' || code === 'aborted'
}

/** The error of a search without a text, from what its tiers said. */
export function failureOf(
  reference: string,
  attempts: readonly Attempt[],
  errors: readonly unknown[],
): PromptResolutionError {
  const last = attempts.at(-1)
  const code = last?.code === 'revoked' || last?.code === 'aborted' ? last.code : 'not_resolved'
  const cause = errors.length > 1 ? new AggregateError(errors, 'What the tiers threw, in order.') : errors[0]
  const lines = attempts.map(({ tier, code, message }) => `  ${tier}: ${message} [${code}]`)
  const message = [`${OUTCOME[code]}: "${reference}".`, ...lines, ...nextMove(code, attempts)].join('\n')
  return new PromptResolutionError(code, message, { attempts, cause })
}

const OUTCOME = {
  not_resolved: 'No tier has this prompt',
  revoked: 'This prompt version is revoked and never served again',
  aborted: 'The search for this prompt was cancelled',
} as const

function nextMove(code: keyof typeof OUTCOME, attempts: readonly Attempt[]): readonly string[] {
  if (code === 'revoked') return ['Pin another version, or release a new one.']
  if (code === 'aborted') return []
  const asked = (tier: TierName) => attempts.some((attempt) => attempt.tier === tier)
  const local = asked('local') ? [] : ['PROMPT_REGISTRY_LOCAL_DIR may name a folder of prompt files.']
  const registry = (['lambda', 'http', 'in_process'] as const).some(asked)
    ? []
    : [
        'No registry was asked: set PROMPT_REGISTRY_FUNCTION to its function, or PROMPT_REGISTRY_URL to its address.',
      ]
  return [...registry, ...local]
}
