import { route } from '../route.ts'
import { pin } from './pin.ts'

const tag = 'versions'

export const versions = route({
  method: 'get',
  path: '/prompts/{id}/versions',
  operationId: 'listVersions',
  tag,
  summary: 'List the versions of a prompt, newest first',
  access: 'read',
  schemas: ({ onPrompt, PageQuery, VersionsAnswer }) => ({
    params: onPrompt,
    query: PageQuery,
    answer: VersionsAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found', 'gone'],
  run: ({ api, params, query }) => api.versions(params.id, query),
})

export const diff = route({
  method: 'get',
  path: '/prompts/{id}/diff',
  operationId: 'diffVersions',
  tag,
  summary: 'Compare two versions',
  description:
    'A unified diff. `v1` and `v2` are pins, `stable` or `latest`; send both or neither (default: stable to latest).',
  access: 'read',
  schemas: ({ onPrompt, DiffQuery, DiffAnswer }) => ({
    params: onPrompt,
    query: DiffQuery,
    answer: DiffAnswer,
  }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'not_found',
    'not_released',
    'revoked',
    'gone',
    'text_missing',
  ],
  run: ({ api, params, query }) => api.diff(params.id, { v1: pin(query.v1), v2: pin(query.v2) }),
})

export const events = route({
  method: 'get',
  path: '/prompts/{id}/events',
  operationId: 'listEvents',
  tag,
  summary: 'Read the audit trail of a prompt, newest first',
  access: 'read',
  schemas: ({ onPrompt, PageQuery, EventsAnswer }) => ({
    params: onPrompt,
    query: PageQuery,
    answer: EventsAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found'],
  run: ({ api, params, query }) => api.events(params.id, query),
})

export const reads = route({
  method: 'get',
  path: '/reads',
  operationId: 'listReads',
  tag,
  summary: 'Show who reads a prompt',
  description:
    'Reads by version, application and day. A client that keeps a prompt reads it about once per time to live, so these are requests, not uses.',
  access: 'read',
  schemas: ({ ReadsRouteQuery, ReadsAnswer }) => ({ query: ReadsRouteQuery, answer: ReadsAnswer }),
  errors: ['invalid_prompt_id', 'not_found', 'gone'],
  run: ({ api, query: { prompt_id, ...query } }) => api.reads(prompt_id, query),
})

export const feed = route({
  method: 'get',
  path: '/events',
  operationId: 'readFeed',
  tag,
  summary: 'Read the events of all prompts, oldest first',
  description:
    'At least once; in order per prompt. Keep `next_cursor` and send it later to get new events; ignore events whose `id` you already have.',
  access: 'read',
  schemas: ({ PageQuery, FeedAnswer }) => ({ query: PageQuery, answer: FeedAnswer }),
  errors: [],
  run: ({ api, query }) => api.feed(query),
})
