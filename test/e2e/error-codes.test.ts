import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode } from '../../api/contract/errors.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { scratchFolder } from '../support/scratch.ts'

/** Codes that no request brings about on one machine, and why. */
const NOT_ON_ONE_MACHINE: Partial<Record<ErrorCode, string>> = {
  read_only: 'needs the second deployment that only reads',
  internal: 'needs a fault in the code itself; test/api/http makes one',
  storage_full: 'needs a disk without room; test/e2e/full-disk.test.ts makes one',
  not_in_set:
    'is the result of one reference of POST /resolve; test/api/registry/served-sets.test.ts makes one',
  not_offered: 'needs a registry on AWS; test/api/registry/evidence.test.ts makes one',
  in_use: 'needs reads, which are counted later; test/api/registry/in-use.test.ts makes one',
  settling: 'needs a source that was rolled back',
  proof_required: 'needs a set that is signed',
  text_missing: 'needs a bucket that lost a text; test/api/store/aws makes one',
}

const [ADMIN, READER, CI] = ['admin', 'reader', 'ci'].map((name) => `the-secret-token-of-${name}`) as [
  string,
  string,
  string,
]
const TOKENS = [
  { name: 'admin', access: 'admin', sources: [], token: ADMIN },
  { name: 'reader', access: 'read', sources: [], token: READER },
  { name: 'ci', access: 'write', sources: ['git'], token: CI },
] as const

/** The SHA-256 of both begin with the same 12 digits. */
const TWINS = ['Be kind. 10663093\n', 'Be kind. 16472189\n'] as const

/** Codes of requests that no route takes. */
const OF_NO_ROUTE: readonly ErrorCode[] = ['route_not_found', 'method_not_allowed']

interface OpenApi {
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { readonly description: string }> } | undefined>
  >
}

/** Whether a request for this path goes to the route. No parameter of these requests has a slash. */
function isAt(path: string, route: string): boolean {
  return new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
}

interface Case {
  readonly code: ErrorCode
  readonly status: number
  readonly what: string
  readonly ask: () => Promise<Response>
}

it('reaches every code that can occur on one machine through HTTP, with its status and a sentence', async () => {
  const folder = await scratchFolder()
  const file = join(folder, 'registry.db')
  const registry = openEmbeddedRegistry({
    file,
    tokens: TOKENS,
    allowedModes: ['dev', 'production'],
    inputs: 'enforce',
    busyAfterMs: 1,
    log: { error: () => undefined },
  })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  let asked = { method: '', path: '' }
  const call = (method: string, path: string, body?: unknown, token: string = ADMIN, headers = {}) => {
    asked = { method: method.toLowerCase(), path: path.replace(/\?.*/, '') }
    return fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && {
        body: body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
  }
  const post = (path: string, body: unknown, token?: string) => call('POST', path, body, token)
  const push = (prompt_id: string, content: string, more = {}) =>
    post('/prompts', { prompt_id, content, ...more })
  const label = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

  await seed()
  const openapi = (await (await call('GET', '/openapi.json')).json()) as OpenApi
  /** The description of the responses with this status. */
  const documented = ({ method, path }: typeof asked, status: number): string => {
    const [, operations] = Object.entries(openapi.paths).find(([route]) => isAt(path, route)) ?? []
    return operations?.[method]?.responses[status]?.description ?? ''
  }
  const cases: Case[] = [
    {
      code: 'invalid_request',
      status: 400,
      what: 'a wrong type',
      ask: () => post('/prompts', { prompt_id: 'a', content: 1 }),
    },
    {
      code: 'invalid_request',
      status: 400,
      what: 'an unknown field',
      ask: () => push('a', 'x', { overide: true }),
    },
    { code: 'invalid_request', status: 400, what: 'an empty content', ask: () => push('a', '') },
    { code: 'invalid_request', status: 400, what: 'a page of 0', ask: () => call('GET', '/prompts?limit=0') },
    {
      code: 'invalid_request',
      status: 400,
      what: 'half a diff',
      ask: () => call('GET', '/prompts/p/diff?v1=1.0.0'),
    },
    {
      code: 'invalid_json',
      status: 400,
      what: 'malformed JSON',
      ask: () => call('POST', '/prompts', '{"prompt_id": '),
    },
    {
      code: 'invalid_text',
      status: 400,
      what: 'bytes that are not UTF-8',
      ask: () => call('POST', '/prompts', new Uint8Array([0x22, 0xff, 0x22])),
    },
    { code: 'invalid_text', status: 400, what: 'a NUL', ask: () => push('a', 'x\0') },
    {
      code: 'invalid_prompt_id',
      status: 400,
      what: 'an id that ends in a route word',
      ask: () => push('a/versions', 'x'),
    },
    {
      code: 'invalid_reference',
      status: 400,
      what: 'a reference without its pin',
      ask: () => call('GET', '/prompts/p@'),
    },
    {
      code: 'invalid_version',
      status: 400,
      what: 'a reserved label',
      ask: () => push('a', 'x', { version: 'stable' }),
    },
    {
      code: 'invalid_mode',
      status: 400,
      what: 'an unknown mode',
      ask: () => call('GET', '/prompts/p?mode=test'),
    },
    {
      code: 'unauthorized',
      status: 401,
      what: 'an unknown token',
      ask: () => call('GET', '/prompts', undefined, 'guess'),
    },
    {
      code: 'rate_limited',
      status: 429,
      what: 'too many unknown tokens',
      async ask() {
        for (let count = 0; count < 20; count++) await call('GET', '/prompts', undefined, 'guess')
        return await call('GET', '/prompts', undefined, 'guess')
      },
    },
    {
      code: 'forbidden',
      status: 403,
      what: 'a write with a read token',
      ask: () => post('/prompts', { prompt_id: 'a', content: 'x' }, READER),
    },
    {
      code: 'forbidden',
      status: 403,
      what: "a source that is not the credential's",
      ask: () => post('/prompts', { prompt_id: 'a', content: 'x', origin: { source: 'other' } }, CI),
    },
    {
      code: 'forbidden',
      status: 403,
      what: 'an override by a writer',
      ask: () => post('/prompts/owned/promote', { version: label('owned'), override: true }, CI),
    },
    {
      code: 'mode_not_allowed',
      status: 403,
      what: 'a mode that is not answered here',
      ask: () => call('GET', '/prompts/p?mode=staging'),
    },
    { code: 'not_found', status: 404, what: 'an unknown prompt', ask: () => call('GET', '/prompts/none') },
    { code: 'not_found', status: 404, what: 'an unknown pin', ask: () => call('GET', '/prompts/p@9.9.9') },
    {
      code: 'not_released',
      status: 404,
      what: 'a draft asked for in production',
      ask: () => call('GET', `/prompts/p@${label('draft')}`),
    },
    {
      code: 'not_released',
      status: 409,
      what: 'a rollback to a draft',
      ask: () => post('/prompts/p/rollback', { version: label('draft') }),
    },
    {
      code: 'revoked',
      status: 404,
      what: 'a revoked pin',
      ask: () => call('GET', `/prompts/p@${label('bad')}?mode=dev`),
    },
    { code: 'revoked', status: 409, what: 'a push of revoked text', ask: () => push('p', 'bad') },
    { code: 'route_not_found', status: 404, what: 'an unknown route', ask: () => call('GET', '/nothing') },
    {
      code: 'method_not_allowed',
      status: 405,
      what: 'a wrong method',
      ask: () => call('DELETE', '/prompts'),
    },
    { code: 'id_differs_by_case', status: 409, what: 'an id in other case', ask: () => push('P', 'x') },
    {
      code: 'version_exists',
      status: 409,
      what: 'a label that is taken',
      ask: () => push('p', 'other', { version: '1.0.0' }),
    },
    {
      code: 'alias_taken',
      status: 409,
      what: 'an alias that is taken',
      ask: () => post('/prompts/p/aliases', { alias: '1.0', version: label('draft') }),
    },
    { code: 'not_owner', status: 409, what: 'a push to what a source owns', ask: () => push('owned', 'x') },
    {
      code: 'not_newer',
      status: 409,
      what: 'a lower release',
      ask: () => post('/prompts/owned/promote', { version: label('owned 2'), alias: '0.9.0', source: 'git' }),
    },
    {
      code: 'breaking_inputs',
      status: 409,
      what: 'a release that breaks callers',
      ask: async () => {
        for (const [release, variables] of [
          ['1.0.0', ['who']],
          ['1.1.0', ['who', 'tone']],
        ] as const) {
          await push('greet', `for ${release}`, { version: release, variables })
          if (release === '1.0.0') await post('/prompts/greet/promote', { version: release })
        }
        return await post('/prompts/greet/promote', { version: '1.1.0' })
      },
    },
    {
      code: 'held',
      status: 409,
      what: 'a release of a frozen prompt',
      ask: () => post('/prompts/frozen/promote', { version: label('frozen'), alias: '1.0.0', source: 'git' }),
    },
    {
      code: 'revision_conflict',
      status: 409,
      what: 'an old revision',
      ask: () => post('/prompts/p/promote', { version: label('draft'), expected_revision: 1 }),
    },
    {
      code: 'nothing_to_roll_back_to',
      status: 409,
      what: 'a rollback without a past',
      ask: () => post('/prompts/owned/rollback', {}),
    },
    {
      code: 'lease_held',
      status: 409,
      what: 'a second writer',
      ask: () => post('/sources/busy/lease', { holder: 'second' }),
    },
    ...[
      () => push('late', 'x', { origin: { source: 'busy' } }),
      () => post('/prompts/p/promote', { version: '1.0.0', alias: '1.0.0', source: 'busy' }),
      () => post('/prompts/p/aliases', { version: '1.0.0', alias: 'late', source: 'busy' }),
      () => call('PUT', '/sources/busy', { expected_revision: 0, state: {} }),
    ].map((ask) => ({ code: 'lease_held' as const, status: 409, what: 'a writer without the lease', ask })),
    {
      code: 'lease_lost',
      status: 409,
      what: 'an old token',
      ask: () => push('late', 'x', { origin: { source: 'busy' }, lease_token: 99 }),
    },
    {
      code: 'too_large',
      status: 413,
      what: 'a content over 256 KiB',
      ask: () => push('a', 'x'.repeat(256 * 1024 + 1)),
    },
    {
      code: 'too_large',
      status: 413,
      what: 'a body over 2 MiB',
      ask: () => call('POST', '/prompts', 'x'.repeat(2 * 1024 * 1024 + 1)),
    },
    {
      code: 'unsupported_media_type',
      status: 415,
      what: 'a form',
      ask: () => call('POST', '/prompts', '{}', undefined, { 'content-type': 'text/plain' }),
    },
    {
      code: 'busy',
      status: 503,
      what: 'a database that another process writes',
      ask: () => whileLocked(file, () => push('a', 'x')),
    },
    {
      code: 'label_taken',
      status: 409,
      what: 'a file that shares its label with another one',
      ask: () => post('/prompts', { prompt_id: 'twins', content: TWINS[1], front_matter: '' }),
    },
    {
      code: 'no_set',
      status: 404,
      what: 'a source without a complete pass',
      ask: () => call('GET', '/sources/git/set'),
    },
    {
      code: 'gone',
      status: 410,
      what: 'a prompt that was deleted with its source',
      ask: () => call('GET', '/prompts/forgotten'),
    },
    {
      code: 'unavailable',
      status: 503,
      what: 'a database that is gone',
      ask: () => afterClosing(() => call('GET', '/health')),
    },
  ]
  for (const { code, status, what, ask } of cases) {
    const response = await ask()
    const document = (await response.json()) as { error: string; code: string }
    expect({ what, status: response.status, code: document.code }).toEqual({ what, status, code })
    expect(document.error, what).toMatch(/^\S.{10,}[.!?)]$/s)
    if (!OF_NO_ROUTE.includes(code))
      expect(documented(asked, status), `${asked.method} ${asked.path}: ${what}`).toContain(`\`${code}\``)
  }
  await server.close()
  const reached = new Set<string>([...cases.map(({ code }) => code), ...Object.keys(NOT_ON_ONE_MACHINE)])
  expect([...ERROR_CODES].filter((code) => !reached.has(code))).toEqual([])

  async function seed(): Promise<void> {
    const origin = { source: 'git' }
    await push('p', 'first', { version: '1.0.0' })
    await post('/prompts/p/promote', { version: '1.0.0' })
    await push('p', 'bad')
    await post(`/prompts/p/revoke`, { version: label('bad') })
    await push('p', 'draft')
    await push('owned', 'owned', { origin })
    await post('/prompts/owned/promote', { version: label('owned'), alias: '1.0.0', source: 'git' })
    await push('owned', 'owned 2', { origin })
    await push('frozen', 'frozen', { origin })
    await post('/prompts/frozen/hold', {})
    await post('/sources/busy/lease', { holder: 'first' })
    await post('/prompts', { prompt_id: 'twins', content: TWINS[0], front_matter: '' })
    await push('forgotten', 'x', { origin: { source: 'over' } })
    await post('/sources/over/forget', { delete: true })
  }

  async function afterClosing(ask: () => Promise<Response>): Promise<Response> {
    registry.close()
    return await ask()
  }
})

async function whileLocked(file: string, ask: () => Promise<Response>): Promise<Response> {
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  try {
    return await ask()
  } finally {
    other.exec('ROLLBACK')
    other.close()
  }
}
