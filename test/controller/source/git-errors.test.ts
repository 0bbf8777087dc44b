import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import type { GitSourceOptions } from '../../../controller/source/git/index.ts'
import { SourceError, type SourceErrorCode } from '../../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { certificatesMissing, createAuthority } from '../../support/certificates.ts'
import { gitHttpMissing, startGitHttpServer } from '../../support/git-http-server.ts'
import { isolatedGitEnvironment, runGit } from '../../support/git-repository.ts'
import { startHttpProxy } from '../../support/http-proxy.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'
import { sshMissing, startSshServer } from '../../support/ssh-server.ts'
import { startTcpServer } from '../../support/tcp-server.ts'
import { LOGIN, skipWithout, sourceOf, withHttpWorld, withWorld } from './git-world.ts'

interface Expected {
  readonly code: SourceErrorCode
  readonly message: RegExp
  readonly cause?: RegExp
  readonly retryAfterMs?: number
}

/** What reading came to, listing first. */
async function failureOf(options: GitSourceOptions): Promise<SourceError> {
  const source = sourceOf(options)
  const outcome = await source
    .listRefs()
    .then((refs) => source.open(refs))
    .then((snapshot) => snapshot.close())
    .catch((error: unknown) => error)
  if (outcome instanceof SourceError) return outcome
  throw new Error(`No SourceError: ${outcome}`)
}

function expectFailure(error: SourceError, { code, message, cause, retryAfterMs }: Expected): void {
  expect(error.code, `${error.message} ${error.causeLine}`).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.message).toMatch(/^[A-Z].*\. [A-Z].*\.$/)
  expect(error.message).not.toMatch(/cause|fatal:/)
  if (cause) expect(error.causeLine).toMatch(cause)
  expect(error.causeLine).toMatch(/^[^\p{Cc}]{1,500}$/u)
  if (retryAfterMs !== undefined) expect(error.retryAfterMs).toBe(retryAfterMs)
}

/** Also if everything must run: no package that a CI run may install on a machine makes these possible. */
function skipWhere(context: TestContext, reason: string | undefined): void {
  if (reason !== undefined) context.skip(reason)
}

const env = (more: Record<string, string>) => ({ ...isolatedGitEnvironment(), ...more })

const ANSWERS: readonly [string, number, Record<string, string>, string, Expected][] = [
  [
    'a login page',
    200,
    { 'content-type': 'text/html; charset=utf-8' },
    '<!DOCTYPE html>\n<form>Log in</form>\n',
    { code: 'not_a_repository', message: /^The address http:\S+ returned a web page, perhaps a login\./ },
  ],
  [
    'a login page of one line, which git takes for an empty repository',
    200,
    { 'content-type': 'text/html' },
    '<form>Log in</form>',
    { code: 'not_a_repository', message: /a web page, perhaps a login/ },
  ],
  [
    'an empty page',
    200,
    { 'content-type': 'text/plain' },
    '',
    { code: 'not_a_repository', message: /is not git's protocol \(text\/plain\)/ },
  ],
  [
    'another interface',
    200,
    { 'content-type': 'application/json' },
    '{"error":"sign in"}',
    { code: 'not_a_repository', message: /\(application\/json\)/ },
  ],
  [
    'something else under the content type of git',
    200,
    { 'content-type': 'application/x-git-upload-pack-advertisement' },
    'hello world',
    { code: 'not_a_repository', message: /does not belong to a git server/, cause: /bad line length/ },
  ],
  [
    'too many requests',
    429,
    { 'retry-after': '120', 'content-type': 'text/plain' },
    'Slow down',
    {
      code: 'rate_limited',
      message: /^The host 127\.0\.0\.1 limits requests and asks to retry in 120 seconds \(HTTP 429\)\./,
      cause: /Slow down.*429/,
      retryAfterMs: 120_000,
    },
  ],
  [
    'too many requests, with a time by its own clock',
    429,
    { date: 'Sat, 28 Nov 2026 12:00:00 GMT', 'retry-after': 'Sat, 28 Nov 2026 12:01:30 GMT' },
    '',
    { code: 'rate_limited', message: /90 seconds/, retryAfterMs: 90_000 },
  ],
  ['too many requests', 429, {}, '', { code: 'rate_limited', message: /limits requests \(HTTP 429\)/ }],
  [
    'wrong credentials',
    401,
    {},
    '',
    { code: 'unauthorized', message: /refused the credentials of this source for http/ },
  ],
  [
    'no access',
    403,
    { 'content-type': 'text/plain' },
    'IP not allowed',
    { code: 'unauthorized', message: /refused access to http/, cause: /IP not allowed/ },
  ],
  ['not found', 404, {}, '', { code: 'not_found', message: /no git repository at http/ }],
  ['gone', 410, {}, '', { code: 'not_found', message: /HTTP 410/ }],
  [
    'a redirect',
    301,
    { location: 'https://new.example.com/acme/prompts.git/info/refs?service=git-upload-pack&token=hush' },
    '',
    {
      code: 'redirected',
      message:
        /redirects http\S+ to https:\/\/new\.example\.com\/acme\/prompts\.git\/info\/refs \(HTTP 301\)/,
    },
  ],
  [
    'a server error',
    500,
    { 'content-type': 'text/plain' },
    'Oops',
    { code: 'unreachable', message: /failed to answer \(HTTP 500\)/, cause: /Oops/ },
  ],
  [
    'maintenance',
    503,
    { 'retry-after': '600' },
    '',
    { code: 'unreachable', message: /retry in 600 seconds \(HTTP 503\)/, retryAfterMs: 600_000 },
  ],
  [
    'proxy authentication',
    407,
    {},
    '',
    { code: 'proxy_refused', message: /proxy refused the connection to 127/ },
  ],
  [
    'an unknown refusal',
    418,
    {},
    '',
    { code: 'not_a_repository', message: /refused a request for http\S+ \(HTTP 418\)/ },
  ],
]

for (const [what, status, headers, body, expected] of ANSWERS)
  test(`reports a response of the host: ${what} (${status})`, (context) =>
    withHttpWorld(context, async ({ repository, options, server }) => {
      await repository.commit({ 'a.txt': '1' })
      server.intercept = (_, response) => {
        response.writeHead(status, headers).end(body)
        return true
      }
      const error = await failureOf(options())
      expectFailure(error, expected)
      expect(error.message).not.toContain('hush')
    }))

test('reports missing credentials if the host requires some', (context) =>
  withHttpWorld(context, async ({ repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const error = await failureOf(options({ credentials: undefined }))
    expectFailure(error, {
      code: 'unauthorized',
      message: /requires credentials for http\S+, but this source has none/,
    })
  }))

test('distinguishes an empty repository from a failed listing, by any transport', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    const { path } = repository
    for (const change of [{}, { branch: 'main' }, { repository: path }, { repository: `file://${path}` }]) {
      const error = await failureOf(options(change))
      expect(error).toMatchObject({ code: 'empty', message: 'The repository is empty. Push a first commit.' })
    }
    server.cut = { bytes: 5, politely: true }
    expect((await failureOf(options())).code).toBe('unreachable')
  }))

test('reports an untrusted, misnamed or expired certificate, and trusts a given authority', (context) =>
  withWorld(async ({ root, repository, options }) => {
    skipWithout(context, certificatesMissing() ?? gitHttpMissing())
    await repository.commit({ 'a.txt': '1' })
    const authority = await createAuthority(root)
    const serve = async (names: readonly string[], days?: number) =>
      startGitHttpServer({ root, certificate: await authority.certify(names, days) })
    const [good, misnamed, expired] = [
      await serve(['IP:127.0.0.1']),
      await serve(['DNS:other.example.com']),
      await serve(['IP:127.0.0.1'], -1),
    ]
    const trusting = env({ GIT_SSL_CAINFO: authority.file })
    const read = (server: { url: string }, more = {}) =>
      failureOf(options({ repository: `${server.url}/repo/.git`, ...more }))
    try {
      const code = 'certificate_untrusted'
      expectFailure(await read(good), {
        code,
        message: /certificate of 127\.0\.0\.1 is not trusted\. Add the authority.*GIT_SSL_CAINFO/,
        cause: /certificate/i,
      })
      expectFailure(await read(misnamed, { env: trusting }), { code, message: /is for another name/ })
      expectFailure(await read(expired, { env: trusting }), { code, message: /certificate of 127\.0\.0\.1/ })
      expectFailure(await read(good, { env: env({ GIT_SSL_CAINFO: join(root, 'absent.pem') }) }), {
        code,
        message: /trusted|authorities/,
      })
      const source = sourceOf(options({ repository: `${good.url}/repo/.git`, env: trusting }))
      expect((await source.listRefs()).branch).toBe('main')
    } finally {
      for (const server of [good, misnamed, expired]) await server.close()
    }
  }))

test('reports a proxy that refuses, and a host that the proxy cannot reach', (context) =>
  withWorld(async ({ root, repository, options }) => {
    skipWithout(context, certificatesMissing() ?? gitHttpMissing())
    await repository.commit({ 'a.txt': '1' })
    const authority = await createAuthority(root)
    const server = await startGitHttpServer({ root, certificate: await authority.certify(['IP:127.0.0.1']) })
    const proxy = await startHttpProxy()
    const address = proxy.url.replace('//', '//user:pr0xy-password@')
    const variables = { https_proxy: address, http_proxy: address, GIT_SSL_CAINFO: authority.file }
    const read = (repository = `${server.url}/repo/.git`, more: Record<string, string> = {}) =>
      failureOf(options({ repository, env: env({ ...variables, ...more }) }))
    try {
      for (const status of [407, 403]) {
        proxy.status = status
        const message = new RegExp(`proxy refused the connection to 127\\.0\\.0\\.1.*${status}`)
        expectFailure(await read(), { code: 'proxy_refused', message, cause: /CONNECT/ })
      }
      proxy.status = 407
      expectFailure(await read('http://127.0.0.1:9/repo.git'), {
        code: 'proxy_refused',
        message: /HTTP 407/,
      })
      proxy.status = 502
      expectFailure(await read(), {
        code: 'unreachable',
        message: /proxy could not reach the host 127\.0\.0\.1/,
      })
      expect(proxy.requests.join()).toMatch(/CONNECT 127/)
      const nowhere = await read(undefined, { https_proxy: 'http://proxy.invalid:3128' })
      expectFailure(nowhere, { code: 'unreachable', message: /proxy proxy\.invalid does not resolve/ })
      proxy.status = 0
      const through = sourceOf(options({ repository: `${server.url}/repo/.git`, env: env(variables) }))
      expect((await through.listRefs()).branch).toBe('main')
    } finally {
      await proxy.close()
      await server.close()
    }
  }))

test('reports DNS, refused, cut and TLS failures', () =>
  withWorld(async ({ options }) => {
    const resetting = await startTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const plain = await startTcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    const closed = await startTcpServer(() => {})
    await closed.close()
    const read = (repository: string) => failureOf(options({ repository }))
    const code = 'unreachable'
    try {
      for (const scheme of ['http', 'https'])
        expectFailure(await read(`${scheme}://git.example.invalid/a/b`), {
          code,
          message: /^The host name git\.example\.invalid does not resolve\. .*DNS/,
        })
      expectFailure(await read(`http://127.0.0.1:${closed.port}/a`), {
        code,
        message: /host 127\.0\.0\.1 (refused the connection|cannot be reached)/,
      })
      expectFailure(await read(`http://127.0.0.1:${resetting.port}/a`), {
        code,
        message: /connection to 127\.0\.0\.1 was cut/,
      })
      expectFailure(await read(`https://127.0.0.1:${plain.port}/a`), {
        code,
        message: /TLS handshake with 127\.0\.0\.1 failed/,
      })
    } finally {
      await resetting.close()
      await plain.close()
    }
  }))

test('reports an unknown or changed host key, a refused key and a missing repository over SSH', (context) =>
  withWorld(async ({ root, repository, options }) => {
    skipWithout(context, sshMissing())
    await repository.commit({ 'a.txt': '1' })
    const server = await startSshServer(join(root, 'ssh'))
    const read = (command: string, path = repository.path) =>
      failureOf(options({ repository: server.address(path), env: env({ GIT_SSH_COMMAND: command }) }))
    try {
      expectFailure(await read(server.stranger), {
        code: 'host_key_untrusted',
        message: /SSH key of 127\.0\.0\.1 is not known\..*known_hosts/,
        cause: /Host key verification failed/,
      })
      expectFailure(await read(server.deceived), {
        code: 'host_key_untrusted',
        message: /has changed/,
      })
      expectFailure(await read(server.refused), {
        code: 'unauthorized',
        message: /refused the SSH key for ssh:/,
        cause: /Permission denied/,
      })
      expectFailure(await read(server.command, '/nowhere'), {
        code: 'not_found',
        message: /no git repository at ssh:/,
      })
      expectFailure(await read('ssh -F /dev/null'), {
        code: 'host_key_untrusted',
        message: /not known/,
      })
      const env_ = env({ GIT_SSH_COMMAND: server.command })
      const source = sourceOf(options({ repository: server.address(repository.path), env: env_ }))
      const snapshot = await source.open(await source.listRefs())
      await snapshot.close()
    } finally {
      await server.close()
    }
    const gone = options({ repository: server.address('/x'), env: env({ GIT_SSH_COMMAND: server.command }) })
    expectFailure(await failureOf(gone), {
      code: 'unreachable',
      message: /host 127\.0\.0\.1 refused the connection/,
    })
    const none = { GIT_SSH_COMMAND: '/nowhere/ssh' }
    expectFailure(await failureOf(options({ repository: 'host.example.com:a/b', env: env(none) })), {
      code: 'git_missing',
      message: /needs an SSH client/,
    })
  }))

test('reports another program than git over SSH', () =>
  withWorld(async ({ root, options }) => {
    const banner = join(root, 'ssh')
    await writeFile(banner, '#!/bin/sh\necho "This account is currently not available."\n')
    await chmod(banner, 0o755)
    const error = await failureOf(
      options({ repository: 'host.example.com:a/b', env: env({ GIT_SSH_COMMAND: banner }) }),
    )
    expectFailure(error, {
      code: 'not_a_repository',
      message: /does not belong to a git server/,
      cause: /bad line length character: This/,
    })
  }))

/** Runs `use` with a cache on a disk of its own. */
async function onSmallDisk(
  context: TestContext,
  kib: number,
  use: (
    world: Parameters<Parameters<typeof withWorld>[0]>[0],
    disk: { path: string; readOnly(): void },
  ) => Promise<void>,
): Promise<void> {
  await withWorld(async (world) => {
    const disk = await mountSmallDisk(join(world.root, 'disk'), kib)
    if (typeof disk === 'string') return skipWhere(context, disk)
    try {
      await use(world, disk)
    } finally {
      disk.unmount()
    }
  })
}

test('reports a full disk of the cache, and continues when there is space', (context) =>
  onSmallDisk(context, 1024, async ({ repository, options }, disk) => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `${index}.bin`,
        crypto.getRandomValues(new Uint8Array(30_000)),
      ]),
    )
    await repository.commit(files)
    const full = {
      code: 'disk_full' as const,
      message: new RegExp(`disk of the cache folder ${disk.path}/cache is full`),
    }
    const filling = join(disk.path, 'filling')
    const cacheDir = join(disk.path, 'cache')
    // No room for a folder, for the lock, for a repository.
    for (const free of [0, 8, 40]) {
      await rm(cacheDir, { recursive: true, force: true })
      await writeFile(filling, Buffer.alloc((1024 - free) * 1024)).catch(() => {})
      expectFailure(await failureOf(options({ cacheDir })), full)
      await rm(filling)
    }
    // Room for commits and trees, and not for the files.
    const source = sourceOf(options({ cacheDir }))
    const refs = await source.listRefs()
    const snapshot = await source.open(refs)
    await writeFile(filling, Buffer.alloc(1024 * 1024)).catch(() => {})
    const oids = (await snapshot.tree(refs.commit, WHOLE_TREE)).map(({ oid }) => oid)
    const read = async () => {
      for await (const _ of snapshot.blobs(oids, 100_000));
    }
    const error = await read().catch((reason: unknown) => reason)
    expectFailure(error as SourceError, full)
    await rm(filling)
    await rm(join(repository.path, '.git/index'))
    await snapshot.close()
    const before = await readdir(cacheDir)
    const again = await source.open(refs)
    expect(await again.tree(refs.commit, WHOLE_TREE)).toHaveLength(30)
    await again.close()
    // A disk that was full is no reason to fetch everything again.
    expect(await readdir(cacheDir)).toEqual(before)
  }))

test('reports a read-only cache folder', (context) =>
  onSmallDisk(context, 1024, async ({ repository, options }, disk) => {
    await repository.commit({ 'a.txt': '1' })
    const cacheDir = join(disk.path, 'cache')
    const source = sourceOf(options({ cacheDir }))
    const refs = await source.listRefs()
    await (await source.open(refs)).close()
    await repository.commit({ 'a.txt': '2' })
    disk.readOnly()
    const message = new RegExp(`cache folder ${disk.path}/\\w+ cannot be written\\. Let the user`)
    expectFailure(await failureOf(options({ cacheDir })), { code: 'cache_unwritable', message })
    expectFailure(await failureOf(options({ cacheDir: join(disk.path, 'other') })), {
      code: 'cache_unwritable',
      message,
    })
  }))

test('reports a file at the path of the cache folder, and a damaged lock', () =>
  withWorld(async ({ repository, options, cacheDir }) => {
    await repository.commit({ 'a.txt': '1' })
    await writeFile(cacheDir, 'a file')
    const message = /cache folder \S+ is not a folder/
    expectFailure(await failureOf(options()), { code: 'cache_unwritable', message })
    expectFailure(await failureOf(options({ cacheDir: join(cacheDir, 'below') })), {
      code: 'cache_unwritable',
      message,
    })
    await rm(cacheDir)
    await mkdir(cacheDir)
    await writeFile(
      join(cacheDir, 'lock.db'),
      'no database, but long enough to be looked at as one'.repeat(30),
    )
    expectFailure(await failureOf(options()), {
      code: 'cache_damaged',
      message: /lock in the cache folder \S+ is damaged\..*delete/,
    })
  }))

test('reads a repository that lost an unrelated file, and names a lost file that is needed', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    const commit = await repository.commit({ 'prompts/a.txt': 'text', 'other.bin': 'lost' })
    const lost = await repository.git('rev-parse', 'HEAD:other.bin')
    await rm(join(repository.path, '.git/objects', lost.slice(0, 2), lost.slice(2)))
    const places = [repository.path, `file://${repository.path}`, `${server.url}/repo/.git`]
    for (const [index, place] of places.entries()) {
      const source = sourceOf(
        options({ repository: place, cacheDir: join(repository.path, `../cache-${index}`) }),
      )
      const snapshot = await source.open(await source.listRefs())
      const tree = await snapshot.tree(commit, WHOLE_TREE)
      const read = async (path: string) => {
        const oid = tree.find((entry) => entry.path === path)?.oid ?? ''
        for await (const blob of snapshot.blobs([oid], 100)) return blob
      }
      expect(await read('prompts/a.txt')).toMatchObject({ bytes: { length: 4 } })
      const error = await read('other.bin').catch((reason: unknown) => reason)
      expectFailure(error as SourceError, {
        code: 'object_missing',
        message: new RegExp(`does not have ${lost}.*git fsck`),
      })
      await snapshot.close()
    }
  }))

test('reports a repository that lost a directory as damaged', (context) =>
  withHttpWorld(context, async ({ repository, options }) => {
    await repository.commit({ 'x/a.txt': 'text' })
    const tree = await repository.git('rev-parse', 'HEAD:x')
    await rm(join(repository.path, '.git/objects', tree.slice(0, 2), tree.slice(2)))
    for (const change of [{}, { repository: repository.path, cacheDir: join(repository.path, '../other') }])
      expectFailure(await failureOf(options(change)), {
        code: 'repository_incomplete',
        message: /repository \S+ is damaged: .*missing in it\. Run git fsck/,
        cause: new RegExp(tree),
      })
  }))

test('reports shallow and partial clones', () =>
  withWorld(async ({ root, repository, options }) => {
    for (const text of ['1', '2']) await repository.commit({ 'a.txt': text })
    await repository.tag('v1', { at: 'HEAD~1' })
    const clone = (name: string, flag: string) =>
      runGit(root, ['clone', '--quiet', flag, `file://${repository.path}`, join(root, name)])
    await clone('shallow', '--depth=1')
    expectFailureOfShallow(await failureOf(options({ repository: join(root, 'shallow') })))
    await clone('partial', '--filter=blob:none')
    const source = sourceOf(options({ repository: join(root, 'partial'), cacheDir: join(root, 'p') }))
    const refs = await source.listRefs()
    const snapshot = await source.open(refs)
    const [old] = await snapshot.tree(refs.tags[0]?.commit ?? '', WHOLE_TREE)
    const read = async () => {
      for await (const _ of snapshot.blobs([old?.oid ?? ''], 100));
    }
    const error = await read().catch((reason: unknown) => reason)
    expectFailure(error as SourceError, {
      code: 'repository_incomplete',
      message: /is a partial clone, which lacks files/,
    })
    await snapshot.close()
  }))

function expectFailureOfShallow(error: SourceError): void {
  expect(error).toMatchObject({
    code: 'repository_incomplete',
    message: expect.stringMatching(/shallow is a shallow clone\. Run git fetch --unshallow/),
  })
}

test('reports an old and a missing git', () =>
  withWorld(async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const refs = await sourceOf(options()).listRefs()
    const bin = join(root, 'bin')
    await mkdir(bin)
    const real = process.env.PATH ?? ''
    const old = [
      '#!/bin/sh',
      'case "$*" in *--no-write-fetch-head*) echo "error: unknown option \\`no-write-fetch-head\'" >&2; exit 129;; esac',
      `PATH='${real}' exec git "$@"`,
    ]
    await writeFile(join(bin, 'git'), `${old.join('\n')}\n`)
    await chmod(join(bin, 'git'), 0o755)
    const source = sourceOf(options({ env: env({ PATH: `${bin}:${real}` }) }))
    const error = await source.open(refs).catch((reason: unknown) => reason)
    expectFailure(error as SourceError, {
      code: 'git_missing',
      message: /too old\. Install git 2\.29 or newer/,
    })
    const none = await failureOf(options({ env: env({ PATH: root }) }))
    expectFailure(none, { code: 'git_missing', message: /^Git was not found\. Install git 2\.29/ })
  }))

test('reports a repository of another user', (context) =>
  withWorld(async ({ repository, options }) => {
    const { getuid } = process
    skipWhere(context, getuid?.() === 0 ? undefined : 'only root can give a repository to another user')
    await repository.commit({ 'a.txt': '1' })
    await runGit(repository.path, ['config', 'core.sharedRepository', 'all'])
    const { chown } = await import('node:fs/promises')
    for (const path of [repository.path, join(repository.path, '.git')]) await chown(path, 12_345, 12_345)
    const error = await failureOf(options({ env: env({ HOME: repository.path }) }))
    expectFailure(error, {
      code: 'unauthorized',
      message: /belongs to another user of this machine\. Run git config --global --add safe\.directory \//,
    })
  }))

test("reports any other failure with git's own words", () =>
  withWorld(async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const bin = join(root, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'git'), '#!/bin/sh\nprintf "fatal: the moon is \\033[31mblue\\n" >&2; exit 3\n')
    await chmod(join(bin, 'git'), 0o755)
    const error = await failureOf(options({ env: env({ PATH: `${bin}:/usr/bin:/bin` }) }))
    expect(error).toMatchObject({ code: 'failed', causeLine: 'fatal: the moon is [31mblue' })
    expect(error.message).toBe(
      `Git could not list the branches and tags: fatal: the moon is [31mblue. Try git ls-remote ${repository.path} as the user that runs the controller.`,
    )
  }))

test('keeps the password of a proxy out of errors', () =>
  withWorld(async ({ options }) => {
    const proxied = env({ http_proxy: 'http://user:pr0xy-password@127.0.0.1:9' })
    const error = await failureOf(
      options({ repository: 'http://host.example.com/a', env: proxied, credentials: LOGIN }),
    )
    expect(JSON.stringify([error.message, error.causeLine, String(error.cause)])).not.toMatch(/pr0xy|s3cr3t/)
  }))
