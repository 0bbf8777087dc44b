import { route } from '../route.ts'

const tag = 'evidence'

export const attest = route({
  method: 'post',
  path: '/prompts/{id}/evidence',
  operationId: 'attestVersion',
  tag,
  summary: 'Post signed evidence about a version',
  description:
    'A DSSE envelope with an in-toto statement, of which one subject names the prompt and the identity of the version. The registry stores it; whether it is signed by an accepted key, and meets a requirement, is decided when a release is promoted. Repeated, it returns `created: false`. Refused with `not_offered` on AWS.',
  access: 'attest',
  schemas: ({ onPrompt, AttestRequest, AttestAnswer }) => ({
    params: onPrompt,
    body: AttestRequest,
    answer: AttestAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found', 'gone', 'not_offered'],
  isCreated: ({ created }) => created,
  run: ({ api, params, body }) => api.attest(params.id, body),
})

export const evidence = route({
  method: 'get',
  path: '/evidence',
  operationId: 'listEvidence',
  tag,
  summary: 'List the evidence that was posted about a prompt, newest first',
  description:
    'Evidence in git is not listed. Empty for readers who may see no drafts. Refused with `not_offered` on AWS.',
  access: 'read',
  schemas: ({ EvidenceQuery, EvidenceAnswer }) => ({ query: EvidenceQuery, answer: EvidenceAnswer }),
  errors: ['invalid_prompt_id', 'not_offered'],
  run: ({ api, query }) => api.evidence(query),
})
