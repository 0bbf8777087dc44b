import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, type ConsoleUnderTest, READER, startConsole, WRITER } from './console-under-test.ts'
import { arrive, cookieIn, sendForm, signedInAs } from './visitor.ts'

/** What the console sends, and what it refuses, without a browser that would hide mistakes. */

let under: ConsoleUnderTest
beforeAll(async () => {
  under = await startConsole()
  await under.api.push({ prompt_id: 'triage', content: 'one' })
  await under.api.promote('triage', { version: '7692c3ad3540', alias: '1.0.0' })
})
afterAll(() => under.close())

const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  sendForm(under.url + path, fields, headers)
const signedIn = (token: string) => signedInAs(under.url, token)

describe('a session', () => {
  test('is a cookie that scripts and other sites cannot use, and never has the token', async () => {
    const { cookie, form } = await arrive(under.url)
    const answer = await send('/console/sign-in', { form, token: ADMIN, next: '/console' }, { cookie })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console'])
    const set = answer.headers.get('set-cookie') ?? ''
    expect(set).toMatch(/^promptctl-console-\d+=[\w-]{36}; Path=\/console; HttpOnly; SameSite=Strict$/)
    expect(set).not.toContain(ADMIN)
    expect(cookieIn(answer)).not.toBe(cookie)
    const page = await (await fetch(`${under.url}/console`, { headers: { cookie: cookieIn(answer) } })).text()
    expect(page).toContain('triage')
    expect(page).not.toContain(ADMIN)
  })

  test('ends with signing out', async () => {
    const { cookie, form } = await signedIn(ADMIN)
    await send('/console/sign-out', { form }, { cookie })
    expect((await fetch(`${under.url}/console`, { headers: { cookie } })).status).toBe(401)
  })

  test.for(['//evil.example', 'https://evil.example', '/console\\@evil', '/prompts', '/console/../prompts'])(
    'does not lead to %s after signing in',
    async (next) => {
      const { cookie, form } = await arrive(under.url)
      const answer = await send('/console/sign-in', { form, token: ADMIN, next }, { cookie })
      const location = new URL(answer.headers.get('location') ?? '', under.url)
      expect([location.origin, location.pathname]).toEqual([under.url, expect.stringMatching(/^\/console/)])
    },
  )

  test('counts wrong tokens by address, like the API', async () => {
    const own = await startConsole()
    try {
      const { cookie, form } = await arrive(own.url)
      const attempt = async () => {
        const fields = { form, token: 'x'.repeat(24), next: '/console' }
        return await (await sendForm(`${own.url}/console/sign-in`, fields, { cookie })).text()
      }
      let page = ''
      for (let times = 0; times < 200 && !page.includes('Too many wrong'); times++) page = await attempt()
      expect(page).toContain('Too many wrong bearer tokens')
    } finally {
      await own.close()
    }
  })
})

describe('a form', () => {
  const hold = '/console/act/hold/triage'
  const held = async () => (await under.api.list({ prefix: 'triage' })).prompts[0]?.hold

  test.for([
    ['without a form token', {}, {}],
    ['with a form token of another session', { form: 'other' }, {}],
    ['from another site', {}, { 'sec-fetch-site': 'cross-site' }],
    ['from another origin', {}, { origin: 'https://evil.example' }],
  ] as const)('is refused %s', async ([, fields, headers]) => {
    const { cookie, form } = await signedIn(ADMIN)
    const other = await arrive(under.url)
    const own = 'form' in fields ? { form: other.form } : Object.keys(headers).length > 0 ? { form } : {}
    const answer = await send(hold, { reason: 'x', ...own }, { cookie, ...headers })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('did not come from a page of this session')
    expect(await held()).toBeNull()
  })

  test('of a megabyte is refused', async () => {
    const { cookie, form } = await signedIn(ADMIN)
    const answer = await send(hold, { reason: 'x'.repeat(1_000_000), form }, { cookie })
    expect(answer.status).toBe(403)
    expect(await held()).toBeNull()
  })

  test('of a reader is refused by the registry', async () => {
    const { cookie, form } = await signedIn(READER)
    const answer = await send(hold, { form, reason: 'x' }, { cookie })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('requires write access')
    expect(await held()).toBeNull()
  })

  test('without a reason changes nothing', async () => {
    const { cookie, form } = await signedIn(WRITER)
    const answer = await send(hold, { form, reason: '  ' }, { cookie })
    expect(await answer.text()).toContain('The reason is empty')
    expect(await held()).toBeNull()
  })
})

describe('every answer', () => {
  test.for([
    '/console',
    '/console/prompts/triage',
    '/console/nosuch',
    '/console/assets/console.js',
    '/console/assets/no',
  ])('%s has a strict policy, and cannot be framed', async (path) => {
    const { cookie } = await signedIn(ADMIN)
    const { headers } = await fetch(under.url + path, { headers: { cookie } })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('that did not change is a 304', async () => {
    const { cookie } = await signedIn(READER)
    const page = () => fetch(`${under.url}/console/prompts/triage`, { headers: { cookie } })
    const etag = (await page()).headers.get('etag') ?? ''
    const again = await fetch(`${under.url}/console/prompts/triage`, {
      headers: { cookie, 'if-none-match': etag },
    })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('has no script, style or event handler inside the page', async () => {
    const { cookie } = await signedIn(ADMIN)
    const page = await (await fetch(`${under.url}/console/prompts/triage`, { headers: { cookie } })).text()
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?! src="\/console\/assets\/)/)
  })
})

test('without tokens, a page of another host cannot read the console', async () => {
  const own = await startConsole({ tokens: false })
  try {
    const port = new URL(own.url).port
    const answer = await fetch(`${own.url}/console`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Connect a first repository')
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) =>
      request(
        { host: '127.0.0.1', port, path: '/console', headers: { host: 'evil.example' } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
        .on('error', reject)
        .end(),
    )
    expect(status).toBe(403)
  } finally {
    await own.close()
  }
})
