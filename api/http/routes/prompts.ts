import { schemas } from '../../contract/index.ts'
import { route } from '../route.ts'
import { onReference, pin } from './fields.ts'

const tag = 'prompts'

export const push = route({
  method: 'post',
  path: '/prompts',
  operationId: 'pushVersion',
  tag,
  summary: 'Push a version',
  description:
    'The version is always a draft. Without `version` it is named by its text, and pushing text that is there already answers 200 `created: false`; a `version` that is taken is 409 `version_exists`.',
  access: 'write',
  body: schemas.PushRequest,
  answer: schemas.PushAnswer,
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'id_differs_by_case',
    'version_exists',
    'not_owner',
    'revoked',
    'lease_lost',
  ],
  isCreated: (pushed) => pushed.created,
  run: ({ api, body }) => api.push(body),
})

export const batch = route({
  method: 'post',
  path: '/batch',
  operationId: 'runBatch',
  tag,
  summary: 'Push, name and promote up to 100 versions',
  description: 'Each operation stands on its own; there is one outcome for each, in the same order.',
  access: 'write',
  body: schemas.BatchRequest,
  answer: schemas.BatchAnswer,
  errors: [],
  run: ({ api, body }) => api.batch(body),
})

export const list = route({
  method: 'get',
  path: '/prompts',
  operationId: 'listPrompts',
  tag,
  summary: 'List prompts, ordered by id',
  access: 'read',
  query: schemas.ListQuery,
  answer: schemas.ListAnswer,
  errors: [],
  run: ({ api, query }) => api.list(query),
})

export const resolve = route({
  method: 'get',
  path: '/prompts/{ref}',
  operationId: 'resolvePrompt',
  tag,
  summary: 'Resolve a reference to text',
  description:
    'Without a pin: the stable version, or in the modes simulation and dev the latest one. The answer has an `ETag`; send it back in `If-None-Match` to get 304 while nothing has changed.',
  access: 'read',
  params: onReference,
  query: schemas.ResolveQuery,
  answer: schemas.ResolvedPrompt,
  errors: [
    'invalid_prompt_id',
    'invalid_reference',
    'invalid_version',
    'invalid_mode',
    'mode_not_allowed',
    'not_found',
    'not_released',
    'revoked',
  ],
  conditional: true,
  run: ({ api, params, query }) => api.resolve(params.ref, { ...query, version: pin(query.version) }),
})

export const resolveMany = route({
  method: 'post',
  path: '/resolve',
  operationId: 'resolvePrompts',
  tag,
  summary: 'Resolve up to 100 references',
  description: 'One prompt or one error for each reference, in the same order.',
  access: 'read',
  body: schemas.ResolveManyRequest,
  answer: schemas.ResolveManyAnswer,
  errors: ['invalid_mode', 'mode_not_allowed'],
  run: ({ api, body }) => api.resolveMany(body),
})
