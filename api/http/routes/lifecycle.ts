import { route } from '../route.ts'

const tag = 'lifecycle'

export const promote = route({
  method: 'post',
  path: '/prompts/{id}/promote',
  operationId: 'promoteVersion',
  tag,
  summary: 'Make a version the stable one',
  description:
    'Readers see exactly one stable version at any time. A repeated request returns `changed: false`.',
  access: 'write',
  schemas: ({ onPrompt, PromoteRequest, PromoteAnswer }) => ({
    params: onPrompt,
    body: PromoteRequest,
    answer: PromoteAnswer,
  }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'not_found',
    'gone',
    'label_taken',
    'text_missing',
    'revoked',
    'not_owner',
    'not_newer',
    'breaking_inputs',
    'held',
    'alias_taken',
    'revision_conflict',
  ],
  run: ({ api, params, body }) => api.promote(params.id, body),
})

export const addAlias = route({
  method: 'post',
  path: '/prompts/{id}/aliases',
  operationId: 'addAlias',
  tag,
  summary: 'Name an older release without promoting it',
  access: 'write',
  schemas: ({ onPrompt, AliasRequest, AliasAnswer }) => ({
    params: onPrompt,
    body: AliasRequest,
    answer: AliasAnswer,
  }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'not_found',
    'gone',
    'label_taken',
    'revoked',
    'not_owner',
    'alias_taken',
  ],
  run: ({ api, params, body }) => api.addAlias(params.id, body),
})

export const rollback = route({
  method: 'post',
  path: '/prompts/{id}/rollback',
  operationId: 'rollBack',
  tag,
  summary: 'Go back to the version that was stable before, or to a named release',
  access: 'write',
  schemas: ({ onPrompt, RollbackRequest, RollbackAnswer }) => ({
    params: onPrompt,
    body: RollbackRequest,
    answer: RollbackAnswer,
  }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'not_found',
    'gone',
    'not_released',
    'revoked',
    'nothing_to_roll_back_to',
    'revision_conflict',
  ],
  run: ({ api, params, body }) => api.rollback(params.id, body),
})

export const revoke = route({
  method: 'post',
  path: '/prompts/{id}/revoke',
  operationId: 'revokeVersion',
  tag,
  summary: 'Never serve a version again, in any mode',
  description:
    'Revoking the stable version rolls back in the same step. Without a version to go back to, this requires an admin.',
  access: 'write',
  schemas: ({ onPrompt, RevokeRequest, RevokeAnswer }) => ({
    params: onPrompt,
    body: RevokeRequest,
    answer: RevokeAnswer,
  }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'not_found',
    'gone',
    'nothing_to_roll_back_to',
    'revision_conflict',
  ],
  run: ({ api, params, body }) => api.revoke(params.id, body),
})
