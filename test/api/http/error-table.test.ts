import { describe, expect, test } from 'vitest'
import { ERROR_CODES, RegistryError } from '../../../api/contract/index.ts'
import { statusOf } from '../../../api/http/error-table.ts'
import { ANSWERS } from '../../support/registry-fake.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const EXPECTED: Readonly<Record<string, readonly [read: number, write: number]>> = {
  invalid_request: [400, 400],
  invalid_json: [400, 400],
  invalid_text: [400, 400],
  invalid_prompt_id: [400, 400],
  invalid_reference: [400, 400],
  invalid_version: [400, 400],
  invalid_mode: [400, 400],
  unauthorized: [401, 401],
  forbidden: [403, 403],
  read_only: [403, 403],
  not_offered: [403, 403],
  mode_not_allowed: [403, 403],
  not_found: [404, 404],
  not_released: [404, 409],
  not_in_set: [404, 404],
  revoked: [404, 409],
  gone: [410, 410],
  no_set: [404, 404],
  route_not_found: [404, 404],
  method_not_allowed: [405, 405],
  id_differs_by_case: [409, 409],
  version_exists: [409, 409],
  label_taken: [409, 409],
  alias_taken: [409, 409],
  not_owner: [409, 409],
  not_newer: [409, 409],
  breaking_inputs: [409, 409],
  held: [409, 409],
  in_use: [409, 409],
  settling: [409, 409],
  proof_required: [409, 409],
  revision_conflict: [409, 409],
  nothing_to_roll_back_to: [409, 409],
  lease_held: [409, 409],
  lease_lost: [409, 409],
  too_large: [413, 413],
  unsupported_media_type: [415, 415],
  rate_limited: [429, 429],
  text_missing: [502, 502],
  storage_full: [507, 507],
  busy: [503, 503],
  unavailable: [503, 503],
  internal: [500, 500],
}

test('this list contains every code', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual([...ERROR_CODES].sort())
})

describe.each(ERROR_CODES)('%s', (code) => {
  const [read, write] = EXPECTED[code] ?? [0, 0]

  test(`is ${read} to a reader and ${write} to a writer`, () => {
    expect([statusOf(code, 'read'), statusOf(code, 'write')]).toEqual([read, write])
  })

  test('matches the status of the routes', async () => {
    const { registry, ask, post } = appUnderTest()
    const refuse = () => {
      throw new RegistryError(code, 'A sentence.')
    }
    registry.tell('resolve', refuse).tell('promote', refuse).tell('resolveMany', refuse)
    const promote = await post('/prompts/a/promote', { version: '1' })
    const resolveMany = await post('/resolve', { references: ['a'] })
    expect(await refusal(await ask('/prompts/a'))).toMatchObject({ status: read, code })
    expect(await refusal(promote)).toMatchObject({ status: write, code })
    expect(await refusal(resolveMany)).toMatchObject({ status: read, code })
  })
})

test('a success is 200, whatever the route', async () => {
  const { ask } = appUnderTest()
  const response = await ask('/prompts/a')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual(ANSWERS.resolve)
})
