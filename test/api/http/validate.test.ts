import { describe, expect, test } from 'vitest'
import { ROUTES } from '../../../api/http/routes/index.ts'
import * as schemas from '../../../api/http/routes/schemas.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const PUSH = { prompt_id: 'a', content: 'x' }

describe('a request that does not fit is refused with a sentence about its first wrong field', () => {
  test.each([
    ['/prompts', { ...PUSH, content: 1 }, 'content: expected a string, got a number.'],
    ['/prompts', { ...PUSH, content: null }, 'content: expected a string, got null.'],
    ['/prompts', { ...PUSH, content: ['x'] }, 'content: expected a string, got an array.'],
    ['/prompts', { prompt_id: 'a' }, 'content: expected a string, got nothing.'],
    ['/prompts', { ...PUSH, prompt_id: '' }, 'prompt_id: must not be empty.'],
    ['/prompts', { ...PUSH, latest: 'no' }, 'latest: expected a boolean, got "no".'],
    ['/prompts', { ...PUSH, tags: 'x' }, 'tags: expected an array, got "x".'],
    ['/prompts', { ...PUSH, tags: ['x', ''] }, 'tags.1: must not be empty.'],
    ['/prompts', { ...PUSH, tags: ['x', 2] }, 'tags.1: expected a string, got a number.'],
    ['/prompts', { ...PUSH, tags: Array(51).fill('t') }, 'tags: expected at most 50 items.'],
    ['/prompts', { ...PUSH, tags: ['t'.repeat(129)] }, 'tags.0: expected at most 128 characters.'],
    ['/prompts', { ...PUSH, lease_token: 1.5 }, 'lease_token: expected a whole number, got 1.5.'],
    ['/prompts', { ...PUSH, lease_token: -1 }, 'lease_token: expected at least 0.'],
    ['/prompts', { ...PUSH, origin: 'git' }, 'origin: expected an object, got a string.'],
    [
      '/prompts',
      { ...PUSH, origin: { source: '-' } },
      'origin.source: A source name has 1 to 64 letters, digits, ".", "_" or "-".',
    ],
    ['/prompts/a/rollback', { hold: 'maybe' }, 'hold: expected one of until_release, until_lifted, none.'],
    ['/batch', { operations: [] }, 'operations: expected at least 1 items.'],
    [
      '/batch',
      { operations: [{ op: 'delete' }] },
      'operations.0.op: expected one of push, alias, promote, archive, retire, heal, settle.',
    ],
    [
      '/batch',
      { operations: [{ op: 'push', content: 'x' }] },
      'operations.0.prompt_id: expected a string, got nothing.',
    ],
    ['/resolve', { references: Array(101).fill('a') }, 'references: expected at most 100 items.'],
    ['/sources/s/lease', { holder: 'h', ttl_seconds: 901 }, 'ttl_seconds: expected at most 900.'],
  ])('POST %s %j', async (path, body, sentence) => {
    const { registry, post } = appUnderTest()
    const answer = await refusal(await post(path, body))
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request', error: sentence })
    expect(registry.calls).toEqual([])
  })

  test.each([
    ['/prompts?limit=abc', 'limit: expected a number, got "abc".'],
    ['/prompts?limit=0', 'limit: expected at least 1.'],
    ['/prompts?limit=1001', 'limit: expected at most 1000.'],
    ['/prompts?limit=1.5', 'limit: expected a whole number, got "1.5".'],
    ['/prompts?status=new', 'status: expected one of draft, stable, deprecated, revoked.'],
    ['/prompts/a/events?cursor=', 'cursor: must not be empty.'],
    ['/sources/a%2Fb', 'name: A source name has 1 to 64 letters, digits, ".", "_" or "-".'],
  ])('GET %s', async (path, sentence) => {
    const { ask } = appUnderTest()
    expect(await refusal(await ask(path))).toMatchObject({ status: 400, error: sentence })
  })

  test('whose details list all of them', async () => {
    const { post } = appUnderTest()
    const { details } = await refusal(await post('/prompts', { content: 1, overide: true, tag: 't' }))
    expect(details).toEqual({
      issues: [
        { field: 'prompt_id', problem: 'expected a string, got nothing' },
        { field: 'content', problem: 'expected a string, got a number' },
        { field: 'overide', problem: 'unknown field; /openapi.json lists the fields of this route' },
        { field: 'tag', problem: 'unknown field; /openapi.json lists the fields of this route' },
      ],
    })
  })
})

describe('an unknown field of a body is refused by name, so that no typo is dropped in silence', () => {
  test.each([
    ['/prompts', { ...PUSH, overide: true }, 'overide'],
    ['/prompts', { ...PUSH, origin: { comit: 'x' } }, 'origin.comit'],
    ['/batch', { operations: [{ op: 'push', ...PUSH, Tags: [] }] }, 'operations.0.Tags'],
    [
      '/batch',
      { operations: [{ op: 'alias', prompt_id: 'a', alias: '1', version: 'x', latest: true }] },
      'operations.0.latest',
    ],
    ['/resolve', { references: ['a'], modes: 'dev' }, 'modes'],
    ['/prompts/a/promote', { version: '1', expected_revison: 3 }, 'expected_revison'],
    ['/prompts/a/aliases', { version: '1', alias: '2', stable: true }, 'stable'],
    ['/prompts/a/rollback', { to: '1' }, 'to'],
    ['/prompts/a/revoke', { version: '1', why: 'x' }, 'why'],
    ['/prompts/a/hold', { until: 'x' }, 'until'],
    ['/prompts/a/owner', { source: 's', from: 'x' }, 'from'],
    ['/sources/s/lease', { holder: 'h', ttl: 5 }, 'ttl'],
  ])('POST %s %j names %s', async (path, body, field) => {
    const { registry, post } = appUnderTest()
    const answer = await refusal(await post(path, body))
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(answer.error).toBe(`${field}: unknown field; /openapi.json lists the fields of this route.`)
    expect(registry.calls).toEqual([])
  })
})

describe('a query parameter', () => {
  test.each([
    ['/prompts/a?label=2', '"label" is unknown; this route takes version, mode'],
    ['/prompts/a?vesion=2', '"vesion" is unknown'],
    ['/prompts/a?Mode=dev', '"Mode" is unknown'],
    ['/prompts/a?mode=dev&mode=production', '"mode" occurs 2 times; send it once'],
    ['/prompts/a?version=1&version=1', '"version" occurs 2 times'],
    ['/prompts?prefx=a', '"prefx" is unknown; this route takes limit, cursor, prefix, source, status'],
    ['/prompts/a/diff?v1=1&v3=2', '"v3" is unknown'],
    ['/sources/s?limit=3', '"limit" is unknown; this route takes none'],
    ['/health?verbose=1', '"verbose" is unknown; this route takes none'],
    ['/prompts/a?__proto__=1', '"__proto__" is unknown'],
    ['/prompts/a?', null],
  ])('that is unknown or repeated is refused by name: %s', async (path, problem) => {
    const { registry, ask } = appUnderTest()
    const response = await ask(path)
    if (problem === null) return expect(response.status).toBe(200)
    expect(await refusal(response)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      error: expect.stringContaining(`The query parameter ${problem}`),
    })
    expect(registry.calls).toEqual([])
  })

  test('beside a body is refused as well', async () => {
    const { registry, post } = appUnderTest()
    const answer = await refusal(await post('/prompts/a/promote?dry_run=1', { version: '1' }))
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(registry.calls).toEqual([])
  })

  const everyRoute = ROUTES.map(({ method, path, schemas: of }) => ({
    method: method.toUpperCase(),
    path: path.replaceAll('{name}', 's').replaceAll(/\{(?:id|ref)\}/g, 'a'),
    known: Object.keys(of(schemas).query?.shape ?? {}),
  }))

  test.each(everyRoute)(
    'of $method $path is refused if and only if it is unknown or repeated',
    async (route) => {
      const { method, path, known } = route
      const { registry, ask } = appUnderTest()
      const asked = async (query: string) => {
        const isRead = method === 'GET'
        const body = isRead ? {} : { body: '{}', headers: { 'content-type': 'application/json' } }
        return await refusal(await ask(`${path}?${query}`, { method, ...body }))
      }
      const unknown = ['nosuch=1', 'mode[]=dev', 'constructor=1', ...known.map((name) => `${name}s=1`)]
      const repeated = known.map((name) => `${name}=1&${name}=1`)
      for (const query of [...unknown, ...repeated])
        expect(await asked(query), query).toMatchObject({
          status: 400,
          code: 'invalid_request',
          error: expect.stringMatching(/^The query parameter ".+" (is unknown|occurs 2 times)/),
        })
      expect(registry.calls).toEqual([])
      for (const name of known)
        expect((await asked(`${name}=1`)).error ?? '', name).not.toContain('The query parameter')
    },
  )
})
