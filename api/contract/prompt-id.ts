import { RegistryError } from './errors.ts'
import { LIMITS } from './limits.ts'

/** The name of a prompt: 1 to 8 segments joined by `/`, at most 200 characters. See `promptIdProblem`. */
export type PromptId = string

/** Words that follow a prompt id in a route. No id may end in one. */
export const ROUTE_WORDS: readonly string[] = [
  'versions',
  'diff',
  'promote',
  'aliases',
  'rollback',
  'revoke',
  'hold',
  'owner',
  'events',
]

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const READS_AS_PIN = /_v\d+(\.\d+)*$/

/** Explains why `text` cannot be a prompt id; `undefined` if it can. */
export function promptIdProblem(text: string): string | undefined {
  if (text === '') return 'A prompt id must not be empty.'
  if (text.length > LIMITS.promptIdCharacters) {
    return `A prompt id has at most ${LIMITS.promptIdCharacters} characters; this one has ${text.length}.`
  }
  const segments = text.split('/')
  if (segments.length > LIMITS.promptIdSegments) {
    return `A prompt id has at most ${LIMITS.promptIdSegments} segments; "${text}" has ${segments.length}.`
  }
  const problem = segments
    .map((segment) => segmentProblem(segment, text))
    .find((found) => found !== undefined)
  if (problem !== undefined) return problem
  const last = segments.at(-1) ?? ''
  if (ROUTE_WORDS.includes(last)) {
    return `The prompt id "${text}" ends in "${last}", which is a word of the API's routes; choose another last segment.`
  }
  if (READS_AS_PIN.test(text)) {
    return `The prompt id "${text}" ends like a version pin ("_v1.2"); choose a name without it.`
  }
  return undefined
}

function segmentProblem(segment: string, id: string): string | undefined {
  if (segment === '') return `The prompt id "${id}" has an empty segment.`
  if (segment === '.' || segment === '..')
    return `The prompt id "${id}" has the segment "${segment}", which is a path and not a name.`
  if (SEGMENT.test(segment)) return undefined
  return `The segment "${segment}" of the prompt id "${id}" must start with a letter or digit and contain only letters, digits, ".", "_" and "-".`
}

/** Throws `invalid_prompt_id`. */
export function parsePromptId(text: string): PromptId {
  const problem = promptIdProblem(text)
  if (problem !== undefined) throw new RegistryError('invalid_prompt_id', problem)
  return text
}

/** Ids with the same key differ only by case, and only one of them can exist. */
export function promptIdKey(id: PromptId): string {
  return id.toLowerCase()
}
