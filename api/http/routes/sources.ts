import { route } from '../route.ts'

const tag = 'sources'

export const sources = route({
  method: 'get',
  path: '/sources',
  operationId: 'listSources',
  tag,
  summary: 'List sources, ordered by name',
  access: 'read',
  schemas: ({ PageQuery, SourcesAnswer }) => ({ query: PageQuery, answer: SourcesAnswer }),
  errors: [],
  run: ({ api, query }) => api.sources(query),
})

export const source = route({
  method: 'get',
  path: '/sources/{name}',
  operationId: 'getSource',
  tag,
  summary: 'Read the state of a source',
  description:
    'A source that was never written has revision 0. A reader who may see no drafts gets no `state`.',
  access: 'read',
  schemas: ({ onSource, SourceDocument }) => ({ params: onSource, answer: SourceDocument }),
  errors: ['not_found'],
  run: ({ api, params }) => api.source(params.name),
})

export const recordSource = route({
  method: 'put',
  path: '/sources/{name}',
  operationId: 'recordSource',
  tag,
  summary: 'Record the state of a source',
  description: 'Compare-and-set by revision; `ledger` entries are appended in the same step.',
  access: 'write',
  schemas: ({ onSource, SourceRecordRequest, SourceRecordAnswer }) => ({
    params: onSource,
    body: SourceRecordRequest,
    answer: SourceRecordAnswer,
  }),
  errors: ['revision_conflict'],
  run: ({ api, params, body }) => api.recordSource(params.name, body),
})

export const ledger = route({
  method: 'get',
  path: '/sources/{name}/ledger',
  operationId: 'readLedger',
  tag,
  summary: 'Read the commits at which tags first counted, oldest entry first',
  description: 'Empty for a reader who may see no drafts.',
  access: 'read',
  schemas: ({ onSource, PageQuery, LedgerAnswer }) => ({
    params: onSource,
    query: PageQuery,
    answer: LedgerAnswer,
  }),
  errors: ['not_found'],
  run: ({ api, params, query }) => api.ledger(params.name, query),
})

export const findings = route({
  method: 'get',
  path: '/sources/{name}/findings',
  operationId: 'listFindings',
  tag,
  summary: 'List the findings of a source, by code and subject',
  description: 'Empty for a reader who may see no drafts.',
  access: 'read',
  schemas: ({ onSource, FindingsQuery, FindingsAnswer }) => ({
    params: onSource,
    query: FindingsQuery,
    answer: FindingsAnswer,
  }),
  errors: ['not_found'],
  run: ({ api, params, query }) => api.findings(params.name, query),
})

export const forget = route({
  method: 'post',
  path: '/sources/{name}/forget',
  operationId: 'forgetSource',
  tag,
  summary: 'Forget a source, and archive or delete its prompts',
  description:
    'Handles some prompts per request: repeat it while `remaining` is true. The ledger stays, and so do the revocations and holds of deleted prompts. With `delete`, a request whose prompts include one that was read in the last 7 days is refused unless it has `confirm`.',
  access: 'admin',
  schemas: ({ onSource, ForgetRequest, ForgetAnswer }) => ({
    params: onSource,
    body: ForgetRequest,
    answer: ForgetAnswer,
  }),
  errors: ['not_found', 'in_use', 'lease_held'],
  run: ({ api, params, body }) => api.forget(params.name, body),
})

export const lease = route({
  method: 'post',
  path: '/sources/{name}/lease',
  operationId: 'leaseSource',
  tag,
  summary: 'Take, renew or release the lease of a source',
  access: 'write',
  schemas: ({ onSource, LeaseRequest, LeaseAnswer }) => ({
    params: onSource,
    body: LeaseRequest,
    answer: LeaseAnswer,
  }),
  errors: ['lease_held', 'lease_lost'],
  run: ({ api, params, body }) => api.lease(params.name, body),
})
