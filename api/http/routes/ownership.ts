import { route } from '../route.ts'

const tag = 'ownership'

export const hold = route({
  method: 'post',
  path: '/prompts/{id}/hold',
  operationId: 'holdPrompt',
  tag,
  summary: 'Freeze a prompt until the hold is lifted',
  access: 'write',
  schemas: ({ onPrompt, HoldRequest, HoldAnswer }) => ({
    params: onPrompt,
    body: HoldRequest,
    answer: HoldAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found', 'gone'],
  run: ({ api, params, body }) => api.hold(params.id, body),
})

export const unhold = route({
  method: 'delete',
  path: '/prompts/{id}/hold',
  operationId: 'liftHold',
  tag,
  summary: 'Lift the hold of a prompt',
  access: 'write',
  schemas: ({ onPrompt, HoldRequest, HoldAnswer }) => ({
    params: onPrompt,
    body: HoldRequest,
    answer: HoldAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found', 'gone'],
  run: ({ api, params, body }) => api.unhold(params.id, body),
})

export const transfer = route({
  method: 'post',
  path: '/prompts/{id}/owner',
  operationId: 'transferPrompt',
  tag,
  summary: 'Transfer a prompt to another source',
  access: 'admin',
  schemas: ({ onPrompt, OwnerRequest, OwnerAnswer }) => ({
    params: onPrompt,
    body: OwnerRequest,
    answer: OwnerAnswer,
  }),
  errors: ['invalid_prompt_id', 'not_found', 'gone', 'settling'],
  run: ({ api, params, body }) => api.transfer(params.id, body),
})
