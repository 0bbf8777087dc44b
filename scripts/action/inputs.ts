import { ActionError } from './error.ts'

/** The inputs of `action.yml`. `null`: not set. */
export interface ActionInputs {
  readonly folder: string
  readonly source: string
  readonly config: string | null
  readonly idPrefix: string
  readonly registry: string | null
  readonly registryToken: string | null
  /** Whether there is a token for git, in `INPUT_TOKEN`. */
  readonly hasToken: boolean
  readonly strict: boolean
}

const LONGEST_NAME = 64

/** Reads the variables that `action.yml` sets. Throws `ActionError`. */
export function readInputs(env: NodeJS.ProcessEnv): ActionInputs {
  const config = set(env.INPUT_CONFIG)
  const source = set(env.INPUT_SOURCE)
  if (config !== null && source === null)
    throw new ActionError(`Set the input source: the name of a source in ${config}.`)
  return {
    folder: set(env.INPUT_FOLDER) ?? '.',
    source: source ?? repositoryName(env.GITHUB_REPOSITORY ?? ''),
    config,
    idPrefix: env.INPUT_ID_PREFIX ?? '',
    registry: set(env.INPUT_REGISTRY),
    registryToken: set(env.INPUT_REGISTRY_TOKEN),
    hasToken: set(env.INPUT_TOKEN) !== null,
    strict: isTrue('strict', env.INPUT_STRICT),
  }
}

/** An input that is not set arrives as an empty string. */
function set(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim()
}

function repositoryName(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1).slice(0, LONGEST_NAME) || 'prompts'
}

function isTrue(name: string, value: string | undefined): boolean {
  const text = set(value) ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ActionError(`The input ${name} is "${text}"; use true or false.`)
}
