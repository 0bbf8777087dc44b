import { route } from '../route.ts'

const tag = 'sets'

export const currentSet = route({
  method: 'get',
  path: '/sources/{name}/set',
  operationId: 'getCurrentSet',
  tag,
  summary: 'Read which set a source serves now',
  description:
    'The pointer of the source, and the identities that were revoked after `revoked_since`. The response has an `ETag`; send it in `If-None-Match` to get 304 while the pointer has not moved.',
  access: 'read',
  schemas: ({ onSource, CurrentSetQuery, CurrentSet }) => ({
    params: onSource,
    query: CurrentSetQuery,
    answer: CurrentSet,
  }),
  errors: ['no_set'],
  conditional: true,
  run: ({ api, params, query }) => api.currentSet(params.name, query),
})

export const setMoves = route({
  method: 'get',
  path: '/sources/{name}/sets',
  operationId: 'listSetMoves',
  tag,
  summary: 'List the moves of a source’s pointer, newest first',
  access: 'read',
  schemas: ({ onSource, PageQuery, SetMovesAnswer }) => ({
    params: onSource,
    query: PageQuery,
    answer: SetMovesAnswer,
  }),
  errors: [],
  run: ({ api, params, query }) => api.setMoves(params.name, query),
})

export const moveSet = route({
  method: 'post',
  path: '/sources/{name}/set',
  operationId: 'moveSet',
  tag,
  summary: 'Make a source serve the stable versions of its prompts as one set',
  description:
    'The registry reads the stable version of each prompt that the source owns. A repeated request returns `changed: false`; a release without a change of the members moves the pointer once. While the source settles, only a request with `settled` is accepted.',
  access: 'write',
  schemas: ({ onSource, MoveSetRequest, MoveSetAnswer }) => ({
    params: onSource,
    body: MoveSetRequest,
    answer: MoveSetAnswer,
  }),
  errors: ['settling', 'proof_required', 'revision_conflict'],
  run: ({ api, params, body }) => api.moveSet(params.name, body),
})

export const rollbackSource = route({
  method: 'post',
  path: '/sources/{name}/rollback',
  operationId: 'rollbackSource',
  tag,
  summary: 'Roll a source back to an earlier set',
  description:
    'One write moves the pointer, marks it as settling, and holds the releases of the source. Then roll the prompts back with the operation `settle` of a batch, under the lease of the source, and send `settled` to `POST /sources/{name}/set`. Otherwise the next pass does it.',
  access: 'write',
  schemas: ({ onSource, RollbackSourceRequest, RollbackSourceAnswer }) => ({
    params: onSource,
    body: RollbackSourceRequest,
    answer: RollbackSourceAnswer,
  }),
  errors: ['no_set', 'not_released', 'revoked', 'revision_conflict', 'proof_required'],
  run: ({ api, params, body }) => api.rollbackSource(params.name, body),
})

export const releaseSet = route({
  method: 'get',
  path: '/sets/{digest}',
  operationId: 'getSet',
  tag,
  summary: 'Read the members of a set',
  description: 'A set never changes. Its digest is the `ETag`.',
  access: 'read',
  schemas: ({ onSet, ReleaseSetDocument }) => ({ params: onSet, answer: ReleaseSetDocument }),
  errors: ['no_set'],
  conditional: true,
  tagOf: ({ set }) => set,
  run: ({ api, params }) => api.releaseSet(params.digest),
})

export const keepSet = route({
  method: 'put',
  path: '/sets/{digest}/keep',
  operationId: 'keepSet',
  tag,
  summary: 'Keep a set for good, or no longer',
  description:
    'Others are removed once they are neither current, nor among the 50 that the source used last, nor used in the last 30 days.',
  access: 'write',
  schemas: ({ onSet, KeepSetRequest, KeepSetAnswer }) => ({
    params: onSet,
    body: KeepSetRequest,
    answer: KeepSetAnswer,
  }),
  errors: ['no_set'],
  run: ({ api, params, body }) => api.keepSet(params.digest, body),
})
