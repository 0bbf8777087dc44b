import { describe, expect, test } from 'vitest'
import { loopbackAuth } from '../../../api/http/loopback.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const PUSH = JSON.stringify({ prompt_id: 'a', content: 'x' })

/** The response of POST /prompts, without tokens, to a connection from `address`. */
async function posting(
  headers: Record<string, string> = {},
  { address = '127.0.0.1' as string | undefined, url = 'http://localhost:8080/prompts' } = {},
) {
  const { app, registry } = appUnderTest({
    auth: loopbackAuth((env) => (env as { address?: string }).address),
  })
  const request = new Request(url, {
    method: 'POST',
    body: PUSH,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { response: await app.fetch(request, { address }), registry }
}

async function expectForbidden(...request: Parameters<typeof posting>): Promise<string> {
  const { response, registry } = await posting(...request)
  const answer = await refusal(response)
  expect(answer).toMatchObject({ status: 403, code: 'forbidden' })
  expect(answer.error).toMatch(/Configure a token/)
  expect(registry.calls).toEqual([])
  return answer.error
}

test('without tokens, whoever asks from this machine is the admin "local"', async () => {
  const { response, registry } = await posting({ host: 'localhost:8080' })
  expect(response.status).toBe(201)
  expect(registry.call.caller).toEqual({ actor: 'local', access: 'admin', sources: 'any' })
})

describe('the address of the connection', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])(
    '%s is this machine',
    async (address) => {
      expect((await posting({}, { address })).response.status).toBe(201)
    },
  )

  test.each([
    '10.0.0.5',
    '192.168.1.1',
    '::ffff:10.0.0.5',
    'fe80::1',
    '1127.0.0.1',
    '127.0.0.1.evil',
    '',
    'localhost',
  ])('"%s" is not', async (address) => {
    expect(await expectForbidden({}, { address })).toContain('its own machine')
  })

  test('is not trusted when it is unknown', async () => {
    const { app } = appUnderTest({ auth: loopbackAuth(() => undefined) })
    expect((await app.request('/prompts')).status).toBe(403)
  })
})

describe('the Host', () => {
  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '127.1.2.3', '[::1]', '[::1]:8080'])(
    '%s is a loopback host',
    async (host) => {
      expect((await posting({ host })).response.status).toBe(201)
    },
  )

  test.each([
    'registry.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost:8080',
    '10.0.0.1:8080',
    'localhost:8080@evil.example',
    '0.0.0.0:8080',
  ])('%s is foreign, as after DNS rebinding', async (host) => {
    expect(await expectForbidden({ host })).toContain(host)
  })

  test('is that of the URL where no header names it', async () => {
    await expectForbidden({}, { url: 'http://registry.example/prompts' })
  })

  test('protects reads as well', async () => {
    const { app } = appUnderTest({ auth: loopbackAuth(() => '127.0.0.1') })
    const response = await app.request('/prompts/a', { headers: { host: 'registry.example' } })
    expect(response.status).toBe(403)
  })
})

describe('the Origin', () => {
  test.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['[::1]:8080', 'https://[::1]:8080'],
  ])('of a page of the registry itself (%s) is allowed', async (host, origin) => {
    expect((await posting({ host, origin })).response.status).toBe(201)
  })

  test.each([
    'https://evil.example',
    'http://localhost:3000',
    'http://localhost',
    'http://127.0.0.1:8080',
    'null',
    'http://localhost:8080.evil.example',
    'file://',
    '',
  ])('"%s" of another page is refused', async (origin) => {
    expect(await expectForbidden({ host: 'localhost:8080', origin })).toContain('cross-origin requests')
  })
})

test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host'])(
  'a request that came through a proxy (%s) is not from this machine',
  async (name) => {
    expect(await expectForbidden({ host: 'localhost:8080', [name]: '10.0.0.5' })).toContain('proxy')
  },
)

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'a form post of a web page (%s) is refused by its type',
  async (type) => {
    const { response, registry } = await posting({ host: 'localhost:8080', 'content-type': type })
    expect(await refusal(response)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
    expect(registry.calls).toEqual([])
  },
)
