import { promptIdProblem } from '../../contract/prompt-id.ts'
import type { ResolvedPrompt } from '../../contract/registry-api.ts'
import type { StateOfPrompt } from '../finished-answers.ts'
import { route } from '../route.ts'
import { pin } from './pin.ts'

const tag = 'prompts'

export const push = route({
  method: 'post',
  path: '/prompts',
  operationId: 'pushVersion',
  tag,
  summary: 'Push a version',
  description:
    'The version is always a draft. Without `version`, its label comes from its identity, and pushing an existing version returns 200 with `created: false`. A `version` that is taken is 409 `version_exists`.',
  access: 'write',
  schemas: ({ PushRequest, PushAnswer }) => ({ body: PushRequest, answer: PushAnswer }),
  errors: [
    'invalid_prompt_id',
    'invalid_version',
    'id_differs_by_case',
    'version_exists',
    'label_taken',
    'not_owner',
    'revoked',
  ],
  isCreated: (pushed, { dry_run }) => pushed.created && dry_run !== true,
  run: ({ api, body }) => api.push(body),
})

export const batch = route({
  method: 'post',
  path: '/batch',
  operationId: 'runBatch',
  tag,
  summary: 'Push, name and promote up to 100 versions',
  description:
    'Each operation succeeds or fails on its own. Returns one outcome per operation, in the same order.',
  access: 'write',
  schemas: ({ BatchRequest, BatchAnswer }) => ({ body: BatchRequest, answer: BatchAnswer }),
  errors: [],
  inParts: true,
  run: ({ api, body }) => api.batch(body),
})

export const list = route({
  method: 'get',
  path: '/prompts',
  operationId: 'listPrompts',
  tag,
  summary: 'List prompts, ordered by id',
  access: 'read',
  schemas: ({ ListQuery, ListAnswer }) => ({ query: ListQuery, answer: ListAnswer }),
  errors: [],
  run: ({ api, query }) => api.list(query),
})

export const summaries = route({
  method: 'get',
  path: '/summaries',
  operationId: 'listSummaries',
  tag,
  summary: 'List all prompts in short, ordered by id',
  description: 'Fewer fields than `GET /prompts`, for search and counts.',
  access: 'read',
  schemas: ({ PageQuery, SummariesAnswer }) => ({ query: PageQuery, answer: SummariesAnswer }),
  errors: [],
  run: ({ api, query }) => api.summaries(query),
})

export const lookup = route({
  method: 'post',
  path: '/lookup',
  operationId: 'lookUpPrompts',
  tag,
  summary: 'Look up rows, names and versions of up to 100 prompts',
  description: 'Everything that a plan needs to predict a sync.',
  access: 'read',
  schemas: ({ LookupRequest, LookupAnswer }) => ({ body: LookupRequest, answer: LookupAnswer }),
  errors: [],
  inParts: true,
  run: ({ api, body }) => api.lookup(body),
})

const RESOLVE_ERRORS = [
  'invalid_prompt_id',
  'invalid_reference',
  'invalid_version',
  'invalid_mode',
  'mode_not_allowed',
  'not_found',
  'not_released',
  'revoked',
  'gone',
  'text_missing',
] as const

export const resolve = route({
  method: 'get',
  path: '/prompts/{ref}',
  operationId: 'resolvePrompt',
  tag,
  summary: 'Resolve a reference to a version',
  description:
    'Without a pin: the stable version, or in modes simulation and dev the latest one unless it was rolled back. The response has an `ETag`; send it in `If-None-Match` to get 304 while nothing has changed.',
  access: 'read',
  schemas: ({ onReference, ResolveQuery, ResolvedPrompt }) => ({
    params: onReference,
    query: ResolveQuery,
    answer: ResolvedPrompt,
  }),
  anyText: ['ref', 'version', 'mode'],
  errors: RESOLVE_ERRORS,
  conditional: true,
  countsReads: true,
  dependsOn: promptAlone,
  run: ({ api, params, query }) => api.resolve(params.ref, { ...query, version: pin(query.version) }),
})

function promptAlone({ prompt_id, revision, archived, settling }: ResolvedPrompt): StateOfPrompt | undefined {
  // An archived prompt may show the id to which it moved, and a reference means a seeded prompt only if it means no other.
  if (archived || promptIdProblem(prompt_id) !== undefined) return undefined
  return { promptId: prompt_id, revision, isSettling: settling === true }
}

export const folderFile = route({
  method: 'get',
  path: '/prompts/{ref}/files/{path}',
  operationId: 'readFolderFile',
  tag,
  summary: 'Read another file of a skill folder',
  description:
    'A file that belongs to the version of the reference, in the same modes as its prompt. `include=file` of `GET /prompts/{ref}` lists the files. With `set`, a reference without a pin is answered from that set. The `ETag` is the digest of the file.',
  access: 'read',
  schemas: ({ onFolderFile, FolderFileQuery, FolderFileAnswer }) => ({
    params: onFolderFile,
    query: FolderFileQuery,
    answer: FolderFileAnswer,
  }),
  errors: [...RESOLVE_ERRORS, 'no_set', 'not_in_set'],
  conditional: true,
  tagOf: ({ sha256 }) => sha256,
  run: ({ api, params, query }) =>
    api.folderFile(params.ref, params.path, { ...query, version: pin(query.version) }),
})

export const resolveMany = route({
  method: 'post',
  path: '/resolve',
  operationId: 'resolvePrompts',
  tag,
  summary: 'Resolve up to 100 references',
  description:
    'Returns one prompt or one error per reference, in the same order. A reference whose entity tag in `known` is current is returned as `unchanged`. In staging and production, references without a pin are answered from `set`, or without it from the current set of each prompt’s source. A prompt outside of the set has the error `not_in_set`.',
  access: 'read',
  schemas: ({ ResolveManyRequest, ResolveManyAnswer }) => ({
    body: ResolveManyRequest,
    answer: ResolveManyAnswer,
  }),
  errors: ['invalid_mode', 'mode_not_allowed', 'no_set'],
  inParts: true,
  countsReads: true,
  run: ({ api, body }) => api.resolveMany(body),
})
