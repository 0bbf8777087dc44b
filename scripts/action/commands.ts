import type { ActionInputs } from './inputs.ts'
import type { PullRequest } from './pull-request.ts'

/** The variable with the token of git, which `action.yml` sets. */
const GIT_TOKEN = 'INPUT_TOKEN'

/** A `promptctl.yaml`, as JSON, for a workflow without one. `pullRequest`: `null` for other events. */
export function configurationOf(
  { source, idPrefix, hasToken }: ActionInputs,
  pullRequest: PullRequest | null,
): string {
  const { repository = '.', base } = pullRequest ?? {}
  const one = {
    name: source,
    repository,
    ...(base !== undefined && { branch: base }),
    ...(idPrefix !== '' && { idPrefix }),
    ...(hasToken && /^https?:/.test(repository) && { credentials: { passwordEnv: GIT_TOKEN } }),
  }
  return JSON.stringify({ sources: [one] })
}

export function lintArguments({ folder, source, strict }: ActionInputs, config: string): string[] {
  const options = ['--format', 'github', '--source', source, '--config', config]
  return ['lint', folder, ...options, ...(strict ? ['--strict'] : [])]
}

export function planArguments(
  { source, registry }: ActionInputs,
  config: string,
  { number }: PullRequest,
): string[] {
  const options = ['--pull-request', String(number), '--output', 'json', '--config', config]
  return ['plan', source, ...options, ...(registry === null ? [] : ['--registry', registry])]
}

/** Why there is no plan; `null` if there is one. */
export function noPlanReason(inputs: ActionInputs, pullRequest: PullRequest | null): string | null {
  if (pullRequest === null) return 'No plan: the event is not a pull request.'
  const { registry, registryToken } = inputs
  if (pullRequest.isFork && registry !== null && registryToken === null)
    return 'No plan: GitHub gives the token of the registry to no pull request from a fork.'
  return null
}
