import { schemas } from '../../contract/index.ts'
import { route } from '../route.ts'
import { onPrompt, pin } from './fields.ts'

const tag = 'versions'

export const versions = route({
  method: 'get',
  path: '/prompts/{id}/versions',
  operationId: 'listVersions',
  tag,
  summary: 'List the versions of a prompt, newest first',
  access: 'read',
  params: onPrompt,
  query: schemas.PageQuery,
  answer: schemas.VersionsAnswer,
  errors: ['invalid_prompt_id', 'not_found'],
  run: ({ api, params, query }) => api.versions(params.id, query),
})

export const diff = route({
  method: 'get',
  path: '/prompts/{id}/diff',
  operationId: 'diffVersions',
  tag,
  summary: 'Compare two versions',
  description:
    'A unified diff. `v1` and `v2` are pins, `stable` or `latest`; give both or neither (then stable to latest).',
  access: 'read',
  params: onPrompt,
  query: schemas.DiffQuery,
  answer: schemas.DiffAnswer,
  errors: ['invalid_prompt_id', 'invalid_version', 'not_found', 'not_released', 'revoked'],
  run: ({ api, params, query }) => api.diff(params.id, { v1: pin(query.v1), v2: pin(query.v2) }),
})

export const events = route({
  method: 'get',
  path: '/prompts/{id}/events',
  operationId: 'listEvents',
  tag,
  summary: 'Read the audit trail of a prompt, newest first',
  access: 'read',
  params: onPrompt,
  query: schemas.PageQuery,
  answer: schemas.EventsAnswer,
  errors: ['invalid_prompt_id', 'not_found'],
  run: ({ api, params, query }) => api.events(params.id, query),
})
