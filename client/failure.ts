import { RegistryError } from '../api/contract/errors.ts'
import {
  type Attempt,
  LocalFileError,
  PromptResolutionError,
  type ResolutionErrorCode,
  type TierName,
  UnverifiedError,
} from './errors.ts'
import { isTransportError } from './transport/transport.ts'

/** An error of a tier as an attempt. */
export function attemptOf(tier: TierName, error: unknown): Attempt {
  if (
    error instanceof RegistryError ||
    error instanceof LocalFileError ||
    error instanceof UnverifiedError ||
    isTransportError(error)
  ) {
    return { tier, code: error.code, message: error.message }
  }
  return { tier, code: 'internal', message: 'Unexpected error; see the cause.' }
}

/** The error of a search that found nothing. */
export function failureOf(
  reference: string,
  attempts: readonly Attempt[],
  errors: readonly unknown[],
): PromptResolutionError {
  const code = reasonOf(attempts)
  const cause =
    errors.length > 1 ? new AggregateError(errors, 'The errors of all tiers, in order.') : errors[0]
  const lines = attempts.map(({ tier, code, message }) => `  ${tier}: ${message} [${code}]`)
  const message = [
    `${HEADLINES[code] ?? 'No prompt'}: "${reference}".`,
    ...lines,
    ...nextMove(code, attempts),
  ]
  return new PromptResolutionError(code, message.join('\n'), { attempts, cause })
}

const HEADLINES: Partial<Record<ResolutionErrorCode, string>> = {
  revoked: 'This prompt version is revoked and never served again',
  not_found: 'No tier has this prompt',
  not_released: 'This prompt is not released',
  unverified: 'No signed set proves this prompt',
  not_in_set: 'The set of this session does not have this prompt',
  no_set: 'The registry no longer has the set of this session',
  aborted: 'The request for this prompt was cancelled',
  timeout: 'No tier answered in time',
  unavailable: 'No tier can serve this prompt now',
  bad_answer: 'No tier gave a usable answer',
  unauthorized: 'The registry refused access',
  forbidden: 'The registry refused access',
}

const REASONS: readonly ResolutionErrorCode[] = [
  'aborted',
  'revoked',
  'gone',
  'mode_not_allowed',
  'not_released',
  'not_in_set',
  'no_set',
  'unverified',
  'not_found',
]
const AS_THEY_ARE: readonly string[] = ['unauthorized', 'forbidden', 'timeout', 'bad_answer']
const OUTAGES: readonly string[] = [
  'unreachable',
  'busy',
  'unavailable',
  'circuit_open',
  'internal',
  'text_missing',
]

/** Whether the tier cannot be used now, whatever it is asked for. */
export function isOutage({ code }: Attempt): boolean {
  return code === 'timeout' || OUTAGES.includes(code)
}

/** A definite answer of the registry wins over an outage, and the last outage over the local file. */
function reasonOf(attempts: readonly Attempt[]): ResolutionErrorCode {
  const definite = REASONS.find((reason) => attempts.some(({ code }) => code === reason))
  if (definite !== undefined) return definite
  const registry = attempts.filter(({ tier }) => tier !== 'local').at(-1)
  if (registry === undefined) return localReason(attempts.at(-1))
  if (OUTAGES.includes(registry.code)) return 'unavailable'
  return AS_THEY_ARE.includes(registry.code) ? (registry.code as ResolutionErrorCode) : 'bad_answer'
}

function localReason(local: Attempt | undefined): ResolutionErrorCode {
  if (local === undefined) return 'invalid_configuration'
  return local.code === 'no_file' ? 'not_found' : 'unavailable'
}

function nextMove(code: ResolutionErrorCode, attempts: readonly Attempt[]): readonly string[] {
  if (code === 'revoked') return ['Pin another version, or release a new one.']
  if (code === 'aborted' || code === 'unverified') return []
  if (code === 'not_in_set')
    return ["Release it, or start the session with outside: 'stable' to read its stable version."]
  if (code === 'no_set') return ['Call refresh() to move the session to the current set.']
  const isLocal = ({ tier }: Attempt) => tier === 'local'
  const local = attempts.some(isLocal)
    ? []
    : ['Set PROMPT_REGISTRY_LOCAL_DIR to a folder of prompt files as a fallback.']
  const registry = attempts.every(isLocal)
    ? ['No registry is configured: set PROMPT_REGISTRY_FUNCTION or PROMPT_REGISTRY_URL.']
    : []
  return [...registry, ...local]
}
