import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SourceError, type SourceErrorCode } from '../../../controller/source/git-source.ts'
import { type Certificate, certificatesMissing, createAuthority } from '../../support/certificates.ts'
import { fakeClock, sourceOn } from '../../support/github/source.ts'
import { withGitHub } from '../../support/github/world.ts'
import { scratchFolder } from '../../support/scratch.ts'
import { startTcpServer } from '../../support/tcp-server.ts'
import { skipWithout } from './git-world.ts'

interface Expected {
  readonly code: SourceErrorCode
  readonly message: RegExp
}

async function listing(url: string, limits = {}): Promise<SourceError> {
  const source = sourceOn({ url }, fakeClock(), { branch: 'main', limits })
  const outcome = await source.listRefs().catch((error: unknown) => error)
  if (outcome instanceof SourceError) return outcome
  throw new Error(`No SourceError: ${outcome}`)
}

function expectFailure(error: SourceError, { code, message }: Expected): void {
  expect(error.code, `${error.message} ${error.causeLine}`).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.message).toMatch(/^[A-Z].*\. [A-Z].*\.$/)
  expect(error.message).not.toMatch(/cause/)
  expect(error.causeLine ?? 'none').toMatch(/^[^\p{Cc}]{1,500}$/u)
}

/** A host that answers everything so. */
async function withHost<T>(
  answer: RequestListener,
  use: (url: string) => Promise<T>,
  certificate?: Certificate,
): Promise<T> {
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await use(`${certificate ? 'https' : 'http'}://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const ANSWERS: readonly [string, number, Record<string, string>, string, Expected][] = [
  [
    'a login page',
    200,
    HTML,
    '<form>Log in</form>',
    { code: 'not_a_repository', message: /^The host 127\S+ returned a web page, perhaps a login\..*apiUrl/ },
  ],
  [
    'plain text',
    200,
    { 'content-type': 'text/plain' },
    'ok',
    { code: 'not_a_repository', message: /\(text\/plain\)/ },
  ],
  ['nothing', 200, {}, '', { code: 'not_a_repository', message: /\(no content type\)/ }],
  [
    'wrong credentials',
    401,
    {},
    '',
    { code: 'unauthorized', message: /credentials of this source for acme\/prompts\. Check the token/ },
  ],
  [
    'no access',
    403,
    HTML,
    '<h1>Blocked by the firewall</h1>',
    { code: 'unauthorized', message: /refused access to acme\/prompts/ },
  ],
  ['not found', 404, {}, '', { code: 'not_found', message: /not show the repository acme\/prompts/ }],
  ['legal reasons', 451, {}, '', { code: 'unauthorized', message: /legal reasons/ }],
  [
    'too many requests',
    429,
    { 'retry-after': '600' },
    '',
    { code: 'rate_limited', message: /limits requests until 2026-06-01T12:10:00Z/ },
  ],
  [
    'a redirect',
    301,
    { location: 'https://new.example.com/repos/acme/other?token=hush' },
    '',
    { code: 'redirected', message: /redirects to https:\/\/new\.example\.com\/repos\/acme\/other\./ },
  ],
  ['an unknown refusal', 418, {}, '', { code: 'failed', message: /HTTP 418/ }],
  ['a server error', 500, {}, 'Oops', { code: 'unreachable', message: /failed to answer \(HTTP 500\)/ }],
]

for (const [what, status, headers, body, expected] of ANSWERS)
  test(`reports a response of GitHub: ${what} (${status})`, () =>
    withHost(
      (_, response) => response.writeHead(status, headers).end(body),
      async (url) => {
        const error = await listing(url)
        expectFailure(error, expected)
        expect(`${error.message} ${error.causeLine}`).not.toContain('hush')
        if (expected.code === 'rate_limited') expect(error.retryAfterMs).toBe(600_000)
      },
    ))

test('reports DNS, refused, cut and TLS failures', async () => {
  const resetting = await startTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const plain = await startTcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  const closed = await startTcpServer(() => {})
  await closed.close()
  const code = 'unreachable'
  try {
    expectFailure(await listing('http://git.example.invalid'), {
      code,
      message: /host name git\.example\.invalid does not resolve/,
    })
    expectFailure(await listing(`http://127.0.0.1:${closed.port}`), {
      code,
      message: /refused the connection/,
    })
    expectFailure(await listing(`http://127.0.0.1:${resetting.port}`), { code, message: /was cut/ })
    expectFailure(await listing(`https://127.0.0.1:${plain.port}`), { code, message: /TLS handshake/ })
  } finally {
    await resetting.close()
    await plain.close()
  }
})

test('reports an untrusted certificate', async (context) => {
  skipWithout(context, certificatesMissing())
  const authority = await createAuthority(await scratchFolder())
  const certificate = await authority.certify(['IP:127.0.0.1'])
  const error = await withHost((_, response) => response.end(), listing, certificate)
  expectFailure(error, {
    code: 'certificate_untrusted',
    message: /certificate of 127\.0\.0\.1:\d+ is not trusted\. .*NODE_EXTRA_CA_CERTS/,
  })
})

test.each([
  ['CERT_HAS_EXPIRED', 'certificate_untrusted', /has expired/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_untrusted', /another name/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate_untrusted', /not trusted/],
  ['EHOSTUNREACH', 'unreachable', /cannot be reached/],
  ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', /cannot be reached/],
  ['UND_ERR_PRX_TLS', 'proxy_refused', /proxy refused/],
  ['SOMETHING_NEW', 'unreachable', /cannot be reached, or its answer was cut/],
] as const)('understands %s wherever it stands among the causes', async (code, expected, message) => {
  const inner = Object.assign(new Error('the reason'), { code })
  const nested = new TypeError('fetch failed', { cause: new AggregateError([inner], '') })
  const source = sourceOn({ url: 'http://host' }, fakeClock(), { fetch: () => Promise.reject(nested) })
  const error = await source.listRefs().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: expected, message, causeLine: 'Error: the reason' })
})

test('reports a proxy that refuses', async () => {
  const through = (fetch: () => Promise<Response>) =>
    sourceOn({ url: 'http://host' }, fakeClock(), { fetch })
      .listRefs()
      .catch((reason: unknown) => reason)
  const tunnel = Object.assign(new Error('Proxy response (407) !== 200 when HTTP Tunneling'), {
    code: 'UND_ERR_ABORTED',
  })
  for (const fetch of [
    async () => new Response('', { status: 407 }),
    () => Promise.reject(new TypeError('fetch failed', { cause: tunnel })),
  ])
    expect(await through(fetch)).toMatchObject({
      code: 'proxy_refused',
      causeLine: expect.stringMatching(/407/),
    })
  // What Node makes of a 407 that comes unasked.
  const silent = new TypeError('fetch failed', { cause: new Error('') })
  expect(await through(() => Promise.reject(silent))).toMatchObject({ causeLine: 'TypeError: fetch failed' })
})

test('gives up on a host that accepts a connection and sends nothing, without a retry', async () => {
  let connections = 0
  const silent = await startTcpServer(() => connections++)
  const error = await listing(`http://127.0.0.1:${silent.port}`, { firstByteMs: 200 })
  expectFailure(error, { code: 'unreachable', message: /^The host 127\S+ did not answer within 1 seconds/ })
  expect(connections).toBe(1)
  await silent.close()
})

test('gives up on a response that stops in the middle', () =>
  withHost(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[{')
    },
    async (url) => {
      const error = await listing(url, { silenceMs: 200 })
      expectFailure(error, { code: 'unreachable', message: /sent nothing for 1 seconds/ })
    },
  ))

test('does not cut a slow response', () =>
  withHost(
    async (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const isTags = request.url?.includes('matching-refs') ?? false
      const branch = { ref: 'refs/heads/main', object: { type: 'commit', sha: 'a'.repeat(40) } }
      const count = { data: { repository: { refs: { totalCount: 0 } } } }
      const body = JSON.stringify(isTags ? [] : request.method === 'POST' ? count : branch)
      for (const piece of body.padEnd(120).match(/.{1,10}/gs) ?? []) {
        await wait(50)
        response.write(piece)
      }
      response.end()
    },
    async (url) => {
      // Each answer takes longer than either time.
      const source = sourceOn({ url }, fakeClock(), {
        branch: 'main',
        limits: { firstByteMs: 400, silenceMs: 400 },
      })
      expect(await source.listRefs()).toMatchObject({ branch: 'main', tags: [] })
    },
  ))

test('does not count the time of a slow reader of an archive', () =>
  withGitHub(async ({ repository, source }) => {
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [`${index}.txt`, `text ${index}\n`.repeat(2_000)]),
    )
    const commit = await repository.commit(files)
    const one = source({ limits: { silenceMs: 300 } })
    const snapshot = await one.open(await one.listRefs())
    const tree = await snapshot.tree(commit, { directories: [''], files: [], maxFiles: 1_000 })
    let count = 0
    for await (const _ of snapshot.blobs(
      tree.map(({ oid }) => oid),
      100_000,
    ))
      if (count++ === 1) await wait(700)
    expect(count).toBe(120)
    await snapshot.close()
  }))
