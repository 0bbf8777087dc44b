import { RegistryError } from '../api/contract/errors.ts'
import type { RegistryApi } from '../api/contract/registry-api.ts'

/** An action that a form requests. */
const ACTIONS = ['promote', 'rollback', 'hold', 'unhold', 'revoke'] as const
export type ActionName = (typeof ACTIONS)[number]

const HOLDS = ['until_release', 'until_lifted', 'none'] as const
export type HoldChoice = (typeof HOLDS)[number]

const SCOPES = ['content', 'version'] as const
export type ScopeChoice = (typeof SCOPES)[number]

/** Carries out the action of a form, and returns whether it changed anything. Throws the registry's refusals. */
export async function perform(
  api: RegistryApi,
  action: ActionName,
  id: string,
  form: URLSearchParams,
): Promise<boolean> {
  const reason = form.get('reason')?.trim() ?? ''
  if (reason === '')
    throw new RegistryError(
      'invalid_request',
      'The reason is empty. Write why, for those who read the audit.',
    )
  const version = form.get('version') ?? ''
  const revision = Number(form.get('revision'))
  const seen = Number.isSafeInteger(revision) ? { expected_revision: revision } : {}
  switch (action) {
    case 'promote': {
      const alias = form.get('release')?.trim() ?? ''
      const { changed } = await api.promote(id, {
        ...{ version, reason, ...seen },
        ...(alias !== '' && { alias }),
        ...(form.get('override') === 'true' && { override: true }),
        ...(form.get('allow_breaking_inputs') === 'true' && { allow_breaking_inputs: true }),
      })
      return changed
    }
    case 'rollback': {
      const hold = oneOf(HOLDS, form.get('hold')) ?? 'until_release'
      return (await api.rollback(id, { version, reason, hold, ...seen })).changed
    }
    case 'revoke': {
      const scope = oneOf(SCOPES, form.get('scope')) ?? 'content'
      return (await api.revoke(id, { version, reason, scope, ...seen })).changed
    }
    case 'hold':
      return (await api.hold(id, { reason })).changed
    case 'unhold':
      return (await api.unhold(id, { reason })).changed
    default:
      return action satisfies never
  }
}

function oneOf<T extends string>(values: readonly T[], value: string | null): T | undefined {
  return values.find((one) => one === value)
}

export function isAction(name: string): name is ActionName {
  return (ACTIONS as readonly string[]).includes(name)
}
